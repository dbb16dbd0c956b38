ck_test(prop_jitter SOURCES prop/prop_jitter.c LINKS ck_core LABELS prop)
