ck_fuzz(fuzz_vp8 SOURCES fuzz/fuzz_vp8.c LINKS ck_core DATA media/vp8)
