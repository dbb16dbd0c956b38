ck_test(prop_session SOURCES prop/prop_session.c LINKS ck_core LABELS prop)
