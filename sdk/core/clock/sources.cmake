set(CK_UNIT_SOURCES clock.c)
