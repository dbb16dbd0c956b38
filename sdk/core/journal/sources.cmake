set(CK_UNIT_SOURCES crc32c.c journal.c)
