ck_fuzz(fuzz_mp4 SOURCES fuzz/fuzz_mp4.c LINKS ck_core DATA media/hls-ts)
