# chalk-bench-jitter, which `./x bench jitter` runs, beside libspeexdsp.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE AND TARGET ck_core)
  pkg_check_modules(SPEEXDSP IMPORTED_TARGET speexdsp)
  if(SPEEXDSP_FOUND)
    add_executable(chalk-bench-jitter bench/jitter_main.c bench/jitter_bound.c bench/jitter_peers.c
      bench/jitter_traces.c support/data.c)
    target_link_libraries(chalk-bench-jitter PRIVATE ck_flags ck_sim PkgConfig::SPEEXDSP)
  endif()
endif()
