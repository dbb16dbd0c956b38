ck_fuzz(fuzz_jpeg SOURCES fuzz/fuzz_jpeg.c LINKS ck_core)
