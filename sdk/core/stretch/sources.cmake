set(CK_UNIT_SOURCES conceal.c lag.c stretch.c warp.c)
