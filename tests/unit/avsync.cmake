ck_test(test_avsync SOURCES unit/test_avsync.c unit/test_room.c LINKS ck_core)
