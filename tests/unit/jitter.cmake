ck_test(test_jitter
  SOURCES unit/test_jitter.c unit/test_jitter_ask.c unit/test_jitter_delay.c
    unit/test_jitter_transits.c
  LINKS ck_core)
