set(CK_UNIT_SOURCES drawing.c pen.c pens.c rub.c scene.c)
