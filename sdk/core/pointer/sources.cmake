set(CK_UNIT_SOURCES pointers.c qoi.c sender.c shape.c)
