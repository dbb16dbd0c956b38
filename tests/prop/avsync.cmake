ck_test(prop_avsync SOURCES prop/prop_avsync.c LINKS ck_core LABELS prop)
