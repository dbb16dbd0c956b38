ck_test(test_aac SOURCES unit/test_aac.c unit/test_aac_adts.c unit/test_aac_id3.c support/data.c LINKS ck_core)
set_source_files_properties(support/data.c PROPERTIES
  COMPILE_DEFINITIONS CK_SOURCE_ROOT="${PROJECT_SOURCE_DIR}")
