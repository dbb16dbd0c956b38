if(TARGET ck_edge)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_executable(room_store_writer interop/room_store_writer.c)
  target_link_libraries(room_store_writer PRIVATE ck_flags ck_edge)
  add_test(NAME interop_room_store
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/room_store.py $<TARGET_FILE:room_store_writer>)
  set_tests_properties(interop_room_store PROPERTIES LABELS interop TIMEOUT 240)
endif()
