if(TARGET ck_codec)
  ck_fuzz(fuzz_demuxer SOURCES fuzz/fuzz_demuxer.c LINKS ck_codec DATA media/hls-ts)
endif()
