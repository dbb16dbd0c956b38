if(TARGET chalkrail)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  foreach(script usage room load edge publish screen share still nginx tls faults node gst path obs codecs)
    add_test(NAME interop_cli_${script}
      COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/cli_${script}.py $<TARGET_FILE:chalkrail>)
    set_tests_properties(interop_cli_${script} PROPERTIES LABELS interop TIMEOUT 300)
  endforeach()
endif()
