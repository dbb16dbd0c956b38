set(CK_UNIT_SOURCES body.c chars.c delimit.c head.c write.c)
