# With tables of devices of their own, so nothing of the real platform's is linked in.
ck_test(test_client_devices SOURCES unit/test_client_devices.c LINKS ck_client LABELS unit race)
ck_test(test_client_camera SOURCES unit/test_client_camera.c unit/api_support.c
  LINKS ck_client ck_test_cameras)
