ck_test(test_journal SOURCES unit/test_journal.c LINKS ck_core)
