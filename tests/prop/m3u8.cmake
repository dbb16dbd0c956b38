ck_test(prop_m3u8 SOURCES prop/prop_m3u8.c LINKS ck_core LABELS prop)
