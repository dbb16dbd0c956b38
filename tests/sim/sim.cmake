# The simulated network and lessons over it; chalk-sim is what `./x sim` runs.
set_source_files_properties(support/data.c PROPERTIES
  COMPILE_DEFINITIONS CK_SOURCE_ROOT="${PROJECT_SOURCE_DIR}")
if(CHALKRAIL_TESTS AND TARGET ck_core)
  # The edge's decisions are its hub's, which knows no socket; the edge as a whole is not linked.
  set(edge ${PROJECT_SOURCE_DIR}/sdk/edge)
  add_library(ck_sim STATIC
    sim/sim.c sim/timer.c sim/link.c sim/tcp.c sim/conn.c sim/end.c sim/client.c sim/edge.c
    sim/seeds.c sim/trace.c sim/scenario.c sim/lesson.c sim/teacher.c sim/student.c sim/student_play.c
    ${edge}/hub.c ${edge}/hub_list.c ${edge}/hub_reader.c ${edge}/hub_shed.c ${edge}/media.c
    ${edge}/name.c)
  target_link_libraries(ck_sim PUBLIC ck_core ck_test_support PRIVATE ck_flags)

  add_executable(chalk-sim sim/sim_main.c sim/plot.c support/data.c)
  target_link_libraries(chalk-sim PRIVATE ck_flags ck_sim ck_sim_room ck_sim_class)

  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME sim_usage
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/usage.py $<TARGET_FILE:chalk-sim>)
  set_tests_properties(sim_usage PROPERTIES LABELS sim TIMEOUT 300)

  ck_test(test_sim
    SOURCES sim/test_sim_net.c sim/test_sim_trace.c sim/test_sim_lesson.c support/data.c
    LINKS ck_sim LABELS sim TIMEOUT 600)
  if(CHALKRAIL_SANITIZE) # the same decisions, at a tenth of the speed
    set_tests_properties(test_sim PROPERTIES ENVIRONMENT CHALKRAIL_SEEDS=5)
  endif()
endif()
