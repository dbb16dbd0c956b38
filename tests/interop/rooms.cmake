if(TARGET chalkrail)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME interop_edge_rooms
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/edge_rooms.py $<TARGET_FILE:chalkrail>
    Talking Few OnDisk Doors OpenDoors)
  set_tests_properties(interop_edge_rooms PROPERTIES LABELS interop TIMEOUT 300)
  add_test(NAME interop_edge_rooms_hostile
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/edge_rooms.py $<TARGET_FILE:chalkrail> Hostile)
  set_tests_properties(interop_edge_rooms_hostile PROPERTIES LABELS interop TIMEOUT 300)
  add_test(NAME interop_board_hostile
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/board_hostile.py $<TARGET_FILE:chalkrail>)
  set_tests_properties(interop_board_hostile PROPERTIES LABELS interop TIMEOUT 180)
  add_test(NAME interop_edge_assets
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/edge_assets.py $<TARGET_FILE:chalkrail>)
  set_tests_properties(interop_edge_assets PROPERTIES LABELS interop TIMEOUT 120)
  add_test(NAME interop_room_client
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/room_client_test.py $<TARGET_FILE:chalkrail>)
  set_tests_properties(interop_room_client PROPERTIES LABELS interop TIMEOUT 120)
  add_test(NAME interop_room_kill
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/room_kill.py $<TARGET_FILE:chalkrail>)
  set_tests_properties(interop_room_kill PROPERTIES LABELS interop TIMEOUT 300)
endif()
