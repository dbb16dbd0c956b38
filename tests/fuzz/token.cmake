if(TARGET ck_edge)
  ck_fuzz(fuzz_token SOURCES fuzz/fuzz_token.c LINKS ck_edge)
endif()
