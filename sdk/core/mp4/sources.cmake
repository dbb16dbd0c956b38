set(CK_UNIT_SOURCES boxes.c prune.c)
