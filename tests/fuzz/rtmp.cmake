foreach(target dechunk server client)
  ck_fuzz(fuzz_rtmp_${target} SOURCES fuzz/fuzz_rtmp_${target}.c LINKS ck_core)
endforeach()
