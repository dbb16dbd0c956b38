if(TARGET ck_edge)
  ck_test(test_token SOURCES unit/test_token.c unit/test_token_access.c LINKS ck_edge)
endif()
