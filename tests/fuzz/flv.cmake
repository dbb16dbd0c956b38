ck_fuzz(fuzz_flv SOURCES fuzz/fuzz_flv.c LINKS ck_core)
