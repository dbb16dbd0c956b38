set(CK_UNIT_SOURCES ask.c delay.c jitter.c jitter_out.c store.c)
