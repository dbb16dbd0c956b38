if(TARGET chalkrail_shared)
  ck_test(test_api SOURCES unit/test_api.c unit/test_api_host.c unit/api_support.c support/wakeups.c LINKS chalkrail_shared)
  ck_test(test_publish_api SOURCES unit/test_publish_api.c unit/api_support.c LINKS chalkrail_shared)
endif()
