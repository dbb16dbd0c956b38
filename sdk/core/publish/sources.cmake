set(CK_UNIT_SOURCES backlog.c gate.c)
