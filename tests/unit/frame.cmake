if(TARGET ck_runtime)
  ck_test(test_frame SOURCES unit/test_frame.c LINKS ck_runtime)
endif()
