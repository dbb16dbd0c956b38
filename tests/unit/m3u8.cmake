find_package(PkgConfig REQUIRED)
pkg_check_modules(TEST_CJSON REQUIRED IMPORTED_TARGET libcjson)
ck_test(test_m3u8
  SOURCES unit/test_m3u8.c unit/test_m3u8_values.c unit/test_m3u8_cases.c support/data.c
  LINKS ck_core PkgConfig::TEST_CJSON)
ck_test(test_hls SOURCES unit/test_hls.c unit/test_hls_line.c LINKS ck_core)
