ck_test(test_amf SOURCES unit/test_amf.c LINKS ck_core)
