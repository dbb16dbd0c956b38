# With tables of devices of their own, so nothing of the real platform's is linked in.
ck_test(test_client_devices SOURCES unit/test_client_devices.c LINKS ck_client LABELS unit race)
ck_test(test_client_camera SOURCES unit/test_client_camera.c unit/api_support.c
  LINKS ck_client ck_test_cameras)
if(TARGET chalkrail_shared)
  set(room_support unit/room_edge.c unit/room_guest.c unit/api_support.c)
  ck_test(test_room_api SOURCES unit/test_room_api.c unit/test_room_class.c ${room_support}
    LINKS chalkrail_shared ck_runtime)
  ck_test(test_board_api SOURCES unit/test_board_api.c ${room_support}
    LINKS chalkrail_shared ck_runtime)
  ck_test(test_board_file SOURCES unit/test_board_file.c ${room_support}
    LINKS chalkrail_shared ck_runtime)
  # Not run again and again without memory, as other pictures are not (render.cmake).
  ck_test(test_canvas_api SOURCES unit/test_canvas_api.c ${room_support}
    LINKS chalkrail_shared ck_runtime LABELS picture)
  if(TARGET test_canvas_api)
    target_compile_definitions(test_canvas_api PRIVATE CK_GOLDEN_FOLDER="${CMAKE_CURRENT_SOURCE_DIR}/golden")
  endif()
  # Paints, too.
  ck_test(test_asset_api SOURCES unit/test_asset_api.c support/jpeg.c ${room_support}
    LINKS chalkrail_shared chalkrail_edge_shared ck_runtime PkgConfig::RENDER_PANGO PkgConfig::FFMPEG
    LABELS picture)
  ck_test(test_room_life SOURCES unit/test_room_life.c unit/test_room_errors.c ${room_support}
    LINKS chalkrail_shared ck_runtime)
  ck_test(test_board_threads SOURCES unit/test_board_threads.c unit/api_support.c
    LINKS chalkrail_shared ck_runtime PkgConfig::RENDER_PANGO LABELS picture race)
  ck_test(test_room_threads SOURCES unit/test_room_threads.c ${room_support}
    LINKS chalkrail_shared ck_runtime LABELS unit race)
endif()
ck_test(test_client_pointer
  SOURCES unit/test_client_pointer.c unit/room_edge.c unit/room_guest.c unit/api_support.c
  LINKS ck_client m)
