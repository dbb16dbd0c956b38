# With a table of devices of its own, so nothing of the real platform is linked in.
ck_test(test_client_devices SOURCES unit/test_client_devices.c LINKS ck_client LABELS unit race)
