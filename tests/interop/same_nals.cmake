if(TARGET chalkrail)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME interop_same_nals
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/same_nals.py $<TARGET_FILE:chalkrail>)
  set_tests_properties(interop_same_nals PROPERTIES LABELS interop TIMEOUT 240)
endif()
