ck_test(test_pointer SOURCES unit/test_pointer.c LINKS ck_core m)
