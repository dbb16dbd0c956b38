set(here ${CMAKE_CURRENT_LIST_DIR})
ck_test(test_file SOURCES ${here}/test_file.c ${here}/../support/child.c ${here}/../support/marks.c
  ${here}/../support/sink.c ${here}/../support/calm.c LINKS ck_platform PkgConfig::PLATFORM_AV m LABELS interop TIMEOUT 180)
