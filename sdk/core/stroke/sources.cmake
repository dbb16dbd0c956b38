set(CK_UNIT_SOURCES code.c range.c simplify.c)
