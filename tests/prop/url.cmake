ck_test(prop_url SOURCES prop/prop_url.c LINKS ck_core LABELS prop)
