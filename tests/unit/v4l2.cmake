if(NOT CHALKRAIL_TESTS)
  return() # the properties below are of tests that are not there
endif()
set(here ${CMAKE_CURRENT_LIST_DIR})
set(v4l2_support ${here}/../support/v4l2_replay.c ${here}/../support/v4l2_replay_device.c
  ${here}/../support/v4l2_recording.c
  ${here}/../support/jpeg.c)
foreach(part node unpack source)
  set(more)
  if(part STREQUAL node)
    set(more ${here}/../support/child.c)
  elseif(part STREQUAL source)
    set(more ${here}/../support/sink.c ${here}/../support/marks.c)
  endif()
  ck_test(test_v4l2_${part} SOURCES ${here}/test_v4l2_${part}.c ${v4l2_support} ${more}
    LINKS ck_platform PkgConfig::PLATFORM_AV m LABELS unit)
  target_compile_definitions(test_v4l2_${part} PRIVATE CK_CAMERAS="${here}/../support/cameras")
  target_compile_definitions(test_v4l2_${part}_plain PRIVATE CK_CAMERAS="${here}/../support/cameras")
endforeach()
set_tests_properties(test_v4l2_source PROPERTIES LABELS "unit;race")
