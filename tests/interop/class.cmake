if(TARGET chalkrail_class)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  foreach(script demo lesson play pointer window)
    add_test(NAME interop_class_${script}
      COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/class_${script}.py $<TARGET_FILE:chalkrail>)
    set_tests_properties(interop_class_${script} PROPERTIES LABELS interop TIMEOUT 300)
  endforeach()
  # Its report is of a machine that has time for one lesson.
  set_tests_properties(interop_class_lesson PROPERTIES RUN_SERIAL TRUE)
endif()
