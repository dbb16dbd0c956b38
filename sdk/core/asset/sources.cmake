set(CK_UNIT_SOURCES asset.c)
