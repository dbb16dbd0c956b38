ck_fuzz(fuzz_asset SOURCES fuzz/fuzz_asset.c LINKS ck_core)
