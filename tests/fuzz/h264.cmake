ck_fuzz(fuzz_h264 SOURCES fuzz/fuzz_h264.c LINKS ck_core)
