ck_test(prop_publish SOURCES prop/prop_publish.c LINKS ck_core LABELS prop)
