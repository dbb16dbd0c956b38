ck_test(test_opus SOURCES unit/test_opus.c LINKS ck_core)
