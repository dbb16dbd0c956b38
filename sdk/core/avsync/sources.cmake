set(CK_UNIT_SOURCES avsync.c trim.c)
