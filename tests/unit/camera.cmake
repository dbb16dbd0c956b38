ck_test(test_camera SOURCES unit/test_camera_fit.c unit/test_camera_jpeg.c LINKS ck_core)
