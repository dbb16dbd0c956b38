foreach(target event snapshot)
  ck_fuzz(fuzz_board_${target} SOURCES fuzz/fuzz_board_${target}.c LINKS ck_test_board)
endforeach()
