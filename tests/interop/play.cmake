if(TARGET chalkrail AND TARGET chalkrail_shared)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_executable(play_probe interop/play_probe.c unit/skew_log.c support/marks.c)
  target_include_directories(play_probe PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(play_probe PRIVATE ck_flags chalkrail_shared m)
  add_test(NAME interop_play_live
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/play_live.py $<TARGET_FILE:chalkrail>)
  set_tests_properties(interop_play_live PROPERTIES LABELS "interop;measured;calm" TIMEOUT 420
    ENVIRONMENT CHALKRAIL_PROBE=$<TARGET_FILE:play_probe>)

  add_executable(step_probe interop/step_probe.c support/marks.c)
  target_include_directories(step_probe PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(step_probe PRIVATE ck_flags chalkrail_shared m)
  add_test(NAME interop_room_step
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/room_step.py $<TARGET_FILE:chalkrail>)
  set_tests_properties(interop_room_step PROPERTIES LABELS "interop;measured;calm" TIMEOUT 300
    ENVIRONMENT CHALKRAIL_PROBE=$<TARGET_FILE:step_probe>)
endif()
