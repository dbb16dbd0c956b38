ck_fuzz(fuzz_sim_trace SOURCES fuzz/fuzz_sim_trace.c sim/trace.c LINKS ck_base)
