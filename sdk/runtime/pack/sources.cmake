set(CK_UNIT_SOURCES deflate.c inflate.c zlib_heap.c)
