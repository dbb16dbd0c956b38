set(CK_UNIT_SOURCES bits.c nal.c params.c rewrite.c sei.c skip_run.c split.c stamp.c
  still.c)
