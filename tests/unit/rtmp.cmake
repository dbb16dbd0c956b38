ck_test(test_rtmp_chunk SOURCES unit/test_rtmp_chunk.c unit/rtmp_pair.c LINKS ck_core)
ck_test(test_rtmp_pair SOURCES unit/test_rtmp_pair.c unit/rtmp_pair.c LINKS ck_core)
foreach(side client server faulty end)
  ck_test(test_rtmp_${side}
    SOURCES unit/test_rtmp_${side}.c unit/rtmp_raw.c unit/rtmp_pair.c
    LINKS ck_core)
endforeach()
