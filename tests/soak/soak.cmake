# Players and publishers that come and go; `./x soak` takes longer. A sanitizer keeps freed memory
# back, so that only the plain build can be measured; leaks are its own to find, in all other tests.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET chalkrail)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_executable(soak_client soak/soak_client.c)
  target_link_libraries(soak_client PRIVATE ck_flags chalkrail_shared)
  add_test(NAME soak_short
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/soak.py $<TARGET_FILE:chalkrail>
      $<TARGET_FILE:soak_client> --players 20 --seconds 1 --rounds 3 --publishes 50 --settle 0.5)
  set_tests_properties(soak_short PROPERTIES LABELS "soak;measured;calm" TIMEOUT 240)
endif()
