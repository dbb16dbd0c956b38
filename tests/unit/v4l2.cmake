set(here ${CMAKE_CURRENT_LIST_DIR})
set(support ${here}/../support)
# Recorded cameras behind the camera code's port.
add_library(ck_test_cameras STATIC EXCLUDE_FROM_ALL ${support}/jpeg.c ${support}/v4l2_recording.c
  ${support}/v4l2_replay.c ${support}/v4l2_replay_device.c)
target_link_libraries(ck_test_cameras
  PRIVATE ck_flags PUBLIC ck_test_support ck_platform PkgConfig::PLATFORM_AV)
target_compile_options(ck_test_cameras PRIVATE -Wno-conversion)
target_compile_definitions(ck_test_cameras PUBLIC CK_CAMERAS="${support}/cameras")

ck_test(test_v4l2_node SOURCES ${here}/test_v4l2_node.c ${support}/child.c LINKS ck_test_cameras)
ck_test(test_v4l2_unpack SOURCES ${here}/test_v4l2_unpack.c LINKS ck_test_cameras)
ck_test(test_v4l2_source
  SOURCES ${here}/test_v4l2_source.c ${support}/sink.c ${support}/marks.c
  LINKS ck_test_cameras m LABELS unit race)
