if(TARGET chalkrail_class)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  foreach(script board_window cli_board)
    add_test(NAME interop_${script}
      COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/${script}.py $<TARGET_FILE:chalkrail>)
    set_tests_properties(interop_${script} PROPERTIES LABELS interop TIMEOUT 300)
  endforeach()
endif()
