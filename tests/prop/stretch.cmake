ck_test(prop_stretch SOURCES prop/prop_stretch.c LINKS ck_core LABELS prop)
