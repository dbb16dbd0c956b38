set(CK_UNIT_SOURCES drawing.c pen.c pens.c scene.c)
