if(TARGET chalkrail)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME interop_hls
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/hls_play.py $<TARGET_FILE:chalkrail>)
  set_tests_properties(interop_hls PROPERTIES LABELS interop TIMEOUT 420)
endif()
