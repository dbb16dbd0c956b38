set(CK_UNIT_SOURCES fit.c)
