# The simulated network and lessons over it; chalk-sim is what `./x sim` runs.
if(CHALKRAIL_TESTS AND TARGET ck_core)
  add_library(ck_sim STATIC
    sim/sim.c sim/link.c sim/tcp.c sim/trace.c sim/scenario.c sim/lesson.c sim/student.c)
  target_link_libraries(ck_sim PUBLIC ck_core ck_test_support PRIVATE ck_flags)

  add_executable(chalk-sim sim/sim_main.c sim/plot.c support/data.c)
  target_compile_definitions(chalk-sim PRIVATE CK_SOURCE_ROOT="${PROJECT_SOURCE_DIR}")
  target_link_libraries(chalk-sim PRIVATE ck_flags ck_sim)
endif()
