ck_test(test_playout SOURCES unit/test_playout.c LINKS ck_core)
