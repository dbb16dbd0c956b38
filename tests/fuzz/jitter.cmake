ck_fuzz(fuzz_jitter SOURCES fuzz/fuzz_jitter.c LINKS ck_core)
