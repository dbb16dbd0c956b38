ck_test(test_session SOURCES unit/test_session.c LINKS ck_core)
