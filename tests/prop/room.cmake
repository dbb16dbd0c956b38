ck_test(prop_room SOURCES prop/prop_room.c LINKS ck_core LABELS prop)
