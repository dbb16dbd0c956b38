ck_test(prop_flv SOURCES prop/prop_flv.c LINKS ck_core LABELS prop)
