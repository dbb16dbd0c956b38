set(CK_UNIT_SOURCES avsync.c trim.c line.c lead.c room.c)
