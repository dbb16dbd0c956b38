set(CK_UNIT_SOURCES drawing.c)
