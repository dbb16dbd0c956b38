# People in a room, over networks and edges that fail: `chalk-sim room`.
if(CHALKRAIL_TESTS AND TARGET ck_core)
  add_library(ck_sim_room STATIC
    sim/room.c sim/room_net.c sim/room_edge.c sim/room_people.c sim/room_check.c sim/room_seen.c
    sim/room_board.c sim/board_long.c unit/room_pair.c)
  target_link_libraries(ck_sim_room PUBLIC ck_sim ck_test_board ck_runtime PRIVATE ck_flags)

  # A class of thousands at one edge's sequencer: `chalk-sim class`. It says what the crowd of `chalkrail load` does.
  add_library(ck_sim_class STATIC sim/class.c sim/class_report.c ${PROJECT_SOURCE_DIR}/demo/load/words.c)
  target_include_directories(ck_sim_class PRIVATE ${PROJECT_SOURCE_DIR}/demo)
  target_link_libraries(ck_sim_class PUBLIC ck_sim ck_test_support ck_core ck_runtime m PRIVATE ck_flags)
  ck_test(test_sim_class SOURCES sim/test_sim_class.c LINKS ck_sim_class LABELS sim TIMEOUT 300)

  ck_test(test_sim_board SOURCES sim/test_sim_board.c LINKS ck_sim_room LABELS sim TIMEOUT 600)
  ck_test(test_sim_room SOURCES sim/test_sim_room.c LINKS ck_sim_room LABELS sim TIMEOUT 600)
endif()
