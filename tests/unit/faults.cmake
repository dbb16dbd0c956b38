# Needs the layers themselves and glibc: the calls of the operating system are the test's own.
if(TARGET ck_client AND TARGET ck_edge AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  ck_test(test_faults SOURCES unit/test_faults.c unit/api_support.c support/faults_linux.c
    LINKS ck_client ck_edge ${CMAKE_DL_LIBS} TIMEOUT 240)
  ck_test(test_asset_faults SOURCES unit/test_asset_faults.c unit/room_edge.c unit/room_guest.c unit/api_support.c
    support/faults_linux.c LINKS ck_client ck_edge ${CMAKE_DL_LIBS})
endif()
if(TARGET ck_edge AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  ck_test(test_room_faults SOURCES unit/test_room_faults.c unit/store_support.c support/faults_linux.c
    LINKS ck_edge ${CMAKE_DL_LIBS})
endif()
