if(NOT CHALKRAIL_TESTS)
  return() # the definitions below are of tests that are not there
endif()
set(here ${CMAKE_CURRENT_LIST_DIR})
set(support ${here}/../support)
ck_test(prop_v4l2 SOURCES ${here}/prop_v4l2.c ${support}/v4l2_replay.c ${support}/v4l2_replay_device.c
    ${support}/v4l2_recording.c
    ${support}/jpeg.c ${support}/sink.c ${support}/marks.c
  LINKS ck_platform PkgConfig::PLATFORM_AV m LABELS prop)
foreach(target prop_v4l2 prop_v4l2_plain)
  target_compile_definitions(${target} PRIVATE CK_CAMERAS="${support}/cameras")
endforeach()
