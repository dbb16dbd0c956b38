set(CK_UNIT_SOURCES head.c packet.c)
