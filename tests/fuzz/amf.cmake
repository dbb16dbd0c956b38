ck_fuzz(fuzz_amf SOURCES fuzz/fuzz_amf.c LINKS ck_core)
