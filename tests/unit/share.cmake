ck_test(test_share SOURCES unit/test_share.c LINKS ck_core m)
