ck_fuzz(fuzz_opus SOURCES fuzz/fuzz_opus.c LINKS ck_core DATA media/opus)
