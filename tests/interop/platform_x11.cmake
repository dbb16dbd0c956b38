set(here ${CMAKE_CURRENT_LIST_DIR})
set(support ${here}/x11_support.c ${here}/../support/child.c ${here}/../support/marks.c
  ${here}/../support/sink.c ${here}/../support/calm.c ${here}/../support/xvfb.c)
ck_test(test_x11_screen SOURCES ${here}/test_x11_screen.c ${support}
  LINKS ck_platform PkgConfig::PLATFORM_XCB m LABELS interop TIMEOUT 180)
ck_test(test_x11_share SOURCES ${here}/test_x11_share.c ${support}
  LINKS ck_platform PkgConfig::PLATFORM_XCB m LABELS interop TIMEOUT 180)
ck_test(test_x11_window SOURCES ${here}/test_x11_window.c ${support}
  LINKS ck_platform PkgConfig::PLATFORM_XCB m LABELS interop TIMEOUT 180)
