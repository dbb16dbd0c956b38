set(CK_UNIT_SOURCES adts.c bits.c config.c id3.c)
