set(CK_UNIT_SOURCES ask.c delay.c jitter.c jitter_out.c peaks.c store.c transits.c)
