ck_fuzz(fuzz_url SOURCES fuzz/fuzz_url.c LINKS ck_core)
