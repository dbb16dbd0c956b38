set(CK_UNIT_SOURCES decode.c encode.c)
