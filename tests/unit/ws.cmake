ck_test(test_ws SOURCES unit/test_ws_conn.c unit/test_ws_handshake.c unit/ws_log.c LINKS ck_core)
