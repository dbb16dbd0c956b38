ck_fuzz(fuzz_aac SOURCES fuzz/fuzz_aac.c LINKS ck_core DATA media/hls-ts media/srs)
