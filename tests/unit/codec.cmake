if(TARGET ck_codec)
  foreach(part rate fit avc convert video still pixels sound resample mux)
    ck_test(test_codec_${part} SOURCES unit/test_codec_${part}.c unit/codec_support.c
      LINKS ck_codec PkgConfig::FFMPEG m)
  endforeach()
  ck_test(test_codec_h264
    SOURCES unit/test_codec_h264.c unit/codec_support.c support/data.c
    LINKS ck_codec PkgConfig::FFMPEG m)
  ck_test(test_codec_driver SOURCES unit/test_codec_driver.c unit/codec_support.c
    LINKS ck_codec PkgConfig::FFMPEG m)
  foreach(part opus vp8)
    ck_test(test_codec_${part}
      SOURCES unit/test_codec_${part}.c unit/codec_support.c support/data.c
      LINKS ck_codec PkgConfig::FFMPEG PkgConfig::OPUS m)
  endforeach()
  ck_test(test_codec_demux
    SOURCES unit/test_codec_demux.c support/data.c LINKS ck_codec m LABELS unit interop)
  # This one asks the programs ffmpeg and ffprobe what they see.
  ck_test(test_codec_color SOURCES unit/test_codec_color.c unit/codec_support.c
    LINKS ck_codec m LABELS unit interop)
endif()
