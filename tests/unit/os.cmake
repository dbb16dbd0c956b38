if(TARGET ck_runtime)
  ck_test(test_os SOURCES unit/test_os.c LINKS ck_runtime)
endif()
