set(CK_UNIT_SOURCES playout.c)
