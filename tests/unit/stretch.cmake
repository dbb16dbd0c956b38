set_source_files_properties(support/data.c PROPERTIES
  COMPILE_DEFINITIONS CK_SOURCE_ROOT="${PROJECT_SOURCE_DIR}")
ck_test(test_stretch
  SOURCES unit/test_stretch.c unit/test_conceal.c support/listen.c support/data.c
  LINKS ck_core)
ck_test(test_warp SOURCES unit/test_warp.c LINKS ck_core)
