ck_test(prop_ws SOURCES prop/prop_ws.c unit/ws_log.c LINKS ck_core LABELS prop)
