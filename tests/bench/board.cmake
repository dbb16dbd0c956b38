# chalk-bench-board, which `./x bench board` runs.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET ck_render)
  add_executable(chalk-bench-board bench/board_main.c bench/board_fill.c bench/board_mixed.c
    bench/board_paint.c)
  target_link_libraries(chalk-bench-board PRIVATE ck_flags ck_test_golden ck_test_support ck_render m)
endif()
