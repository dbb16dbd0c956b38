ck_test(test_vp8 SOURCES unit/test_vp8.c LINKS ck_core)
