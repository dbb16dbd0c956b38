set(CK_UNIT_SOURCES viewer.c)
