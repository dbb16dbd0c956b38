ck_test(prop_h264 SOURCES prop/prop_h264.c prop/prop_h264_media.c support/data.c LINKS ck_core
  LABELS prop)
set_source_files_properties(support/data.c PROPERTIES
  COMPILE_DEFINITIONS CK_SOURCE_ROOT="${PROJECT_SOURCE_DIR}")
