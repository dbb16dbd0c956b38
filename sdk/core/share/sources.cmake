set(CK_UNIT_SOURCES damage.c rest.c)
