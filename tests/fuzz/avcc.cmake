ck_fuzz(fuzz_avcc SOURCES fuzz/fuzz_avcc.c LINKS ck_core)
