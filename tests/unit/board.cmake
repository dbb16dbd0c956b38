add_library(ck_test_board STATIC support/board.c)
target_link_libraries(ck_test_board PUBLIC ck_test_support ck_core PRIVATE ck_flags)

ck_test(test_stroke SOURCES unit/test_stroke.c unit/test_stroke_filter.c LINKS ck_core)
ck_test(test_board SOURCES unit/test_board.c unit/test_board_undo.c unit/test_board_refused.c
  LINKS ck_test_board)
ck_test(test_pen SOURCES unit/test_pen.c LINKS ck_core)
ck_test(test_pens SOURCES unit/test_pens.c LINKS ck_core)
ck_test(test_rub SOURCES unit/test_rub.c LINKS ck_test_board)
ck_test(test_scene SOURCES unit/test_scene.c LINKS ck_test_board)
