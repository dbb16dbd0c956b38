set(here ${CMAKE_CURRENT_LIST_DIR})
ck_test(test_platform_generated
  SOURCES ${here}/test_platform_synthetic.c ${here}/test_platform_null.c
    ${here}/test_platform_options.c ${here}/../support/marks.c ${here}/../support/sink.c
    ${here}/../support/calm.c
  LINKS ck_platform m LABELS unit race realtime)
ck_test(test_platform_sound
  SOURCES ${here}/test_platform_clock.c ${here}/test_platform_ring.c
  LINKS ck_platform m LABELS unit race)
