ck_fuzz(fuzz_m3u8 SOURCES fuzz/fuzz_m3u8.c LINKS ck_core DATA proto/m3u8)
ck_fuzz(fuzz_hls SOURCES fuzz/fuzz_hls.c LINKS ck_core DATA proto/m3u8)
