ck_test(test_h264
  SOURCES unit/test_h264_nal.c unit/test_h264_params.c unit/test_h264_rewrite.c unit/test_h264_sei.c
  LINKS ck_core)
