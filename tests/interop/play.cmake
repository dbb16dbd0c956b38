if(TARGET chalkrail AND TARGET chalkrail_shared)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_executable(play_probe interop/play_probe.c unit/skew_log.c support/marks.c)
  target_include_directories(play_probe PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(play_probe PRIVATE ck_flags chalkrail_shared m)
  add_test(NAME interop_play_live
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/play_live.py $<TARGET_FILE:chalkrail>)
  set_tests_properties(interop_play_live PROPERTIES LABELS "interop;measured" TIMEOUT 420 RUN_SERIAL TRUE
    ENVIRONMENT CHALKRAIL_PROBE=$<TARGET_FILE:play_probe>)
endif()
