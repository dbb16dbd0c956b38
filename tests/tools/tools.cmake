# Programs that show one core at work on real data.
if(CHALKRAIL_TESTS AND TARGET ck_core)
  pkg_check_modules(OPUS REQUIRED IMPORTED_TARGET opus)
  add_executable(chalk-conceal tools/conceal_main.c tools/opus_frames.c support/listen.c)
  target_link_libraries(chalk-conceal PRIVATE ck_flags ck_test_support ck_core PkgConfig::OPUS)
  if(NOT CHALKRAIL_SANITIZE) # the core itself runs under sanitizers in test_stretch
    add_test(NAME interop_conceal_tool
      COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/interop/conceal_tool.py
              $<TARGET_FILE:chalk-conceal> ${PROJECT_SOURCE_DIR})
    set_tests_properties(interop_conceal_tool PROPERTIES LABELS "interop;measured" TIMEOUT 300)
  endif()
endif()
