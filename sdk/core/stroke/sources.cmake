set(CK_UNIT_SOURCES code.c filter.c live.c pace.c range.c simplify.c)
