ck_test(prop_http SOURCES prop/prop_http.c LINKS ck_core LABELS prop)
