# chalk-bench, which `./x bench` runs. One short round of it is a test, so that it keeps working.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET ck_core)
  add_executable(chalk-bench bench/bench_main.c bench/bench_flv.c bench/bench_h264.c bench/bench_rtmp.c)
  target_include_directories(chalk-bench PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(chalk-bench PRIVATE ck_flags ck_test_support ck_core)
  add_test(NAME bench_runs COMMAND chalk-bench --json --rounds 1)
  set_tests_properties(bench_runs PROPERTIES LABELS bench TIMEOUT 60)
endif()

# chalk-bench-ws, which `./x bench websocket` runs.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET ck_runtime)
  add_executable(chalk-bench-ws bench/ws_main.c)
  target_link_libraries(chalk-bench-ws PRIVATE ck_flags ck_runtime)
endif()

# chalk-bench-bare: send() alone, which `./x bench room` compares with.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET ck_runtime)
  add_executable(chalk-bench-bare bench/bare_main.c)
  target_link_libraries(chalk-bench-bare PRIVATE ck_flags ck_runtime)
endif()

# chalk-bench-room: from call to event, in a lesson of two and in a class.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET ck_edge)
  add_executable(chalk-bench-room bench/room_main.c bench/room_people.c)
  target_link_libraries(chalk-bench-room PRIVATE ck_flags ck_edge)
  target_include_directories(chalk-bench-room PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
endif()

# chalk-bench-draw: from a pen to everybody else's replica, while all of a room draw.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET ck_edge)
  add_executable(chalk-bench-draw bench/draw_main.c bench/room_people.c)
  target_link_libraries(chalk-bench-draw PRIVATE ck_flags ck_edge m)
  target_include_directories(chalk-bench-draw PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
endif()

# Both by the clock, on a machine that does other things as well.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET ck_edge)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME bench_room_delays
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/bench/room_delays.py $<TARGET_FILE:chalk-bench-room>)
  set_tests_properties(bench_room_delays PROPERTIES LABELS "bench;realtime" TIMEOUT 180 RUN_SERIAL ON)
endif()

# chalk-bench-store: rooms on a disk, beside a bare write and fdatasync.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET ck_edge)
  add_executable(chalk-bench-store bench/store_main.c)
  target_link_libraries(chalk-bench-store PRIVATE ck_flags ck_edge)
endif()
