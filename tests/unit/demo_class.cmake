if(TARGET chalkrail_class)
  ck_test(test_demo_marks SOURCES unit/test_demo_marks.c LINKS chalkrail_class)
  ck_test(test_demo_class SOURCES unit/test_demo_class.c LINKS chalkrail_class)
endif()
