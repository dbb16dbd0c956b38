set(here ${CMAKE_CURRENT_LIST_DIR})
ck_test(test_sdl_audio SOURCES ${here}/test_sdl_audio.c ${here}/../support/child.c
  ${here}/../support/marks.c ${here}/../support/sink.c ${here}/../support/calm.c
  LINKS ck_platform PkgConfig::PLATFORM_SDL2 m LABELS interop TIMEOUT 180)
