ck_test(prop_playout SOURCES prop/prop_playout.c LINKS ck_core LABELS prop)
