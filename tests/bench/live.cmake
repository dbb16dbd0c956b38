# What `./x bench publish`, `latency` and `edge` are made of; live.py puts it together.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET chalkrail)
  pkg_check_modules(BENCH_X11 REQUIRED IMPORTED_TARGET xcb xcb-shm xcb-damage)
  pkg_check_modules(BENCH_CAIRO REQUIRED IMPORTED_TARGET cairo)

  add_executable(chalk-bench-screen bench/screen_main.c bench/content.c bench/x11_window.c)
  add_executable(chalk-bench-ssim bench/ssim_main.c bench/content.c)
  add_executable(chalk-bench-watch bench/watch_main.c bench/x11_window.c)
  add_executable(chalk-bench-crowd bench/crowd_main.c bench/crowd_client.c bench/crowd_stream.c)
  foreach(program screen ssim watch crowd)
    target_link_libraries(chalk-bench-${program} PRIVATE ck_flags ck_test_support ck_core)
  endforeach()
  target_link_libraries(chalk-bench-screen PRIVATE PkgConfig::BENCH_X11 PkgConfig::BENCH_CAIRO ${YUV_LIBRARY} m)
  target_link_libraries(chalk-bench-ssim PRIVATE PkgConfig::BENCH_CAIRO ${YUV_LIBRARY} m)
  target_link_libraries(chalk-bench-watch PRIVATE PkgConfig::BENCH_X11)
  # Shared memory (shmget) belongs to X/Open.
  set_source_files_properties(bench/x11_window.c PROPERTIES COMPILE_DEFINITIONS _XOPEN_SOURCE=700)
endif()

if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME bench_report COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/bench/test_report.py)
  set_tests_properties(bench_report PROPERTIES LABELS bench TIMEOUT 60)
endif()
if(TARGET chalk-bench-crowd)
  add_test(NAME bench_live
    COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_check.py $<TARGET_FILE_DIR:chalk-bench-crowd>)
  set_tests_properties(bench_live PROPERTIES LABELS "bench;measured" TIMEOUT 240)
endif()
