ck_test(test_url SOURCES unit/test_url.c LINKS ck_core)
