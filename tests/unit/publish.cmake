ck_test(test_publish SOURCES unit/test_publish.c LINKS ck_core)
