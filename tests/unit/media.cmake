if(TARGET ck_runtime)
  ck_test(test_media_sound SOURCES unit/test_media_sound.c LINKS ck_runtime m)
  ck_test(test_media_chain SOURCES unit/test_media_chain.c LINKS ck_runtime m)
  ck_test(test_media_ring_race SOURCES unit/test_media_ring_race.c LINKS ck_runtime LABELS unit race)
  ck_test(test_hls_cipher SOURCES unit/test_hls_cipher.c LINKS ck_runtime)
  ck_test(test_media_feed SOURCES unit/test_media_feed.c LINKS ck_runtime)
  ck_test(test_media_tags SOURCES unit/test_media_tags.c LINKS ck_runtime)
  ck_test(test_media_prepared SOURCES unit/test_media_prepared.c unit/net_support.c LINKS ck_runtime)
  ck_test(test_media_prepared_file SOURCES unit/test_media_prepared_file.c unit/net_support.c
    LINKS ck_runtime)
  ck_test(test_media_stamps SOURCES unit/test_media_stamps.c LINKS ck_runtime)
  ck_test(test_media_link SOURCES unit/test_media_link.c unit/media_server.c unit/net_support.c
    support/calm.c LINKS ck_runtime LABELS unit realtime)
  ck_test(test_media_output SOURCES unit/test_media_output.c unit/media_server.c unit/net_support.c
    LINKS ck_runtime)
endif()
if(TARGET ck_codec AND TARGET ck_platform)
  set(material unit/media_support.c support/marks.c support/wakeups.c support/calm.c)
  ck_test(test_media_courier SOURCES unit/test_media_courier.c ${material}
    LINKS ck_codec ck_platform m LABELS unit race)
  ck_test(test_media_guard SOURCES unit/test_media_guard.c unit/faulty_encoder.c ${material}
    LINKS ck_codec ck_platform m LABELS unit race realtime)
  ck_test(test_media_encoding SOURCES unit/test_media_encoding.c ${material}
    LINKS ck_codec ck_platform m LABELS unit realtime)
  ck_test(test_media_player_race SOURCES unit/test_media_player_race.c ${material}
    LINKS ck_codec ck_platform m LABELS unit race)
  foreach(test player playout)
    ck_test(test_media_${test} SOURCES unit/test_media_${test}.c unit/media_stage.c unit/skew_log.c
      ${material}
      LINKS ck_codec ck_platform m LABELS unit realtime calm)
  endforeach()
endif()
if(TARGET chalkrail_shared)
  ck_test(test_client_threads SOURCES unit/test_client_threads.c unit/api_support.c
    LINKS chalkrail_shared LABELS unit race)
endif()
if(TARGET chalkrail_shared AND TARGET chalkrail_edge_shared)
  ck_test(test_lesson
    SOURCES unit/test_lesson.c unit/api_support.c unit/skew_log.c support/marks.c support/calm.c
    LINKS chalkrail_shared chalkrail_edge_shared m LABELS unit realtime calm)
endif()
