set(CK_UNIT_SOURCES damage.c motion.c rest.c scroll.c)
