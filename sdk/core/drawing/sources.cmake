set(CK_UNIT_SOURCES drawing.c pen.c scene.c)
