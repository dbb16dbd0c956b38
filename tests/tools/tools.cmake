# Programs that show one core at work on real data.
if(CHALKRAIL_TESTS AND TARGET ck_core)
  add_executable(chalk-conceal tools/conceal_main.c support/listen.c)
  target_link_libraries(chalk-conceal PRIVATE ck_flags ck_test_support ck_core)
endif()
