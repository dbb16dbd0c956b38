ck_test(test_flv
  SOURCES unit/test_flv_avcc.c unit/test_flv_body.c unit/test_flv_demux.c unit/test_flv_meta.c
          support/data.c
  LINKS ck_core)
set_source_files_properties(support/data.c PROPERTIES
  COMPILE_DEFINITIONS CK_SOURCE_ROOT="${PROJECT_SOURCE_DIR}")
