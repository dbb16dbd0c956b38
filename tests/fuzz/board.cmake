foreach(target event snapshot file)
  ck_fuzz(fuzz_board_${target} SOURCES fuzz/fuzz_board_${target}.c LINKS ck_test_board)
endforeach()
ck_fuzz(fuzz_stroke_live SOURCES fuzz/fuzz_stroke_live.c LINKS ck_core)
