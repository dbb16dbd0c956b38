if(TARGET ck_runtime)
  ck_fuzz(fuzz_net_path SOURCES fuzz/fuzz_net_path.c LINKS ck_runtime)
endif()
