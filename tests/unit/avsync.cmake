ck_test(test_avsync SOURCES unit/test_avsync.c LINKS ck_core)
