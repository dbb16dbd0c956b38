set(CK_UNIT_SOURCES frame.c record.c)
