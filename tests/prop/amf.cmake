ck_test(prop_amf SOURCES prop/prop_amf.c LINKS ck_core LABELS prop)
