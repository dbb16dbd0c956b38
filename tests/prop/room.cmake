ck_test(prop_room SOURCES prop/prop_room.c LINKS ck_core LABELS prop)
if(TARGET ck_edge)
  ck_test(prop_room_disk SOURCES prop/prop_room_disk.c unit/store_support.c LINKS ck_edge LABELS prop)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    ck_test(prop_room_powercut
      SOURCES prop/prop_room_powercut.c unit/store_support.c support/powercut_linux.c LINKS ck_edge LABELS prop)
  endif()
endif()
