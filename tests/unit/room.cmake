ck_test(test_wire SOURCES unit/test_wire.c LINKS ck_core)
ck_test(test_clock SOURCES unit/test_clock.c LINKS ck_core)
ck_test(test_room_state SOURCES unit/test_room_state.c unit/test_room_rules.c LINKS ck_core)
ck_test(test_release SOURCES unit/test_release.c LINKS ck_core)
ck_test(test_sequencer
  SOURCES unit/test_sequencer.c unit/test_sequencer_crowd.c unit/test_sequencer_hostile.c
    unit/test_sequencer_tokens.c unit/test_sequencer_lanes.c unit/room_pair.c unit/room_pair_check.c
  LINKS ck_core)
ck_test(test_room_words SOURCES unit/test_room_words.c LINKS ck_core)
ck_test(test_replica SOURCES unit/test_replica.c unit/room_pair.c unit/room_pair_check.c LINKS ck_core)
ck_test(test_room_packed SOURCES unit/test_room_packed.c unit/room_pair.c unit/room_pair_check.c LINKS ck_core ck_runtime)
ck_test(test_inflate_pool SOURCES unit/test_inflate_pool.c LINKS ck_core ck_runtime)
