ck_test(test_viewer SOURCES unit/test_viewer.c LINKS ck_core)
