if(TARGET ck_edge)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_executable(edge_host interop/edge_host.c)
  target_link_libraries(edge_host PRIVATE ck_flags ck_edge)
  add_test(NAME interop_edge
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/edge.py $<TARGET_FILE:edge_host>)
  set_tests_properties(interop_edge PROPERTIES LABELS interop TIMEOUT 240)
endif()
