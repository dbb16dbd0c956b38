ck_test(test_asset SOURCES unit/test_asset.c LINKS ck_core)
