ck_fuzz(fuzz_pointer SOURCES fuzz/fuzz_pointer.c LINKS ck_core)
