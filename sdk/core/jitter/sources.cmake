set(CK_UNIT_SOURCES ask.c delay.c jitter.c store.c)
