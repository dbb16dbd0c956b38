set(CK_UNIT_SOURCES sha1.c handshake.c frame.c conn.c conn_receive.c)
