# With tables of devices of their own, so nothing of the real platform's is linked in.
set(here ${CMAKE_CURRENT_LIST_DIR})
set(support ${here}/../support)
ck_test(test_client_devices SOURCES unit/test_client_devices.c LINKS ck_client LABELS unit race)
ck_test(test_client_camera SOURCES unit/test_client_camera.c unit/api_support.c
    ${support}/v4l2_replay.c ${support}/v4l2_replay_device.c ${support}/v4l2_recording.c
    ${support}/jpeg.c
  LINKS ck_client ck_platform PkgConfig::PLATFORM_AV LABELS unit)
foreach(target test_client_camera test_client_camera_plain)
  target_compile_definitions(${target} PRIVATE CK_CAMERAS="${support}/cameras")
endforeach()
