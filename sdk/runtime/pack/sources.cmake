set(CK_UNIT_SOURCES deflate.c inflate.c inflate_pool.c zlib_heap.c)
