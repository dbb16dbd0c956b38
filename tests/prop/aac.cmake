ck_test(prop_aac SOURCES prop/prop_aac.c LINKS ck_core LABELS prop)
