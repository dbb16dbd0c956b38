if(TARGET chalkrail)
  ck_test(test_demo_options SOURCES unit/test_demo_options.c LINKS chalkrail_class)
  ck_test(test_demo_text SOURCES unit/test_demo_text.c LINKS chalkrail_commands)
endif()
