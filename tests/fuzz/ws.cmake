ck_fuzz(fuzz_ws SOURCES fuzz/fuzz_ws.c LINKS ck_core)
