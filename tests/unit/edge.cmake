if(TARGET ck_edge)
  ck_test(test_edge
    SOURCES unit/test_edge_assets.c unit/test_edge_budget.c unit/test_edge_codecs.c unit/test_edge_hub.c unit/test_edge_hub_gather.c
            unit/test_edge_hub_slow.c unit/test_edge_hub_walk.c unit/test_edge_names.c unit/test_edge_visitor.c
            unit/test_edge_rivals.c unit/test_edge_room_gate.c unit/edge_tags.c support/data.c
    LINKS ck_edge)
  ck_test(test_room_disk SOURCES unit/test_room_disk.c unit/test_room_damage.c unit/test_room_old.c unit/store_support.c LINKS ck_edge)
  ck_test(test_room_store SOURCES unit/test_room_store.c unit/store_support.c LINKS ck_edge LABELS unit race)
  ck_test(test_edge_rooms SOURCES unit/test_edge_rooms.c LINKS ck_edge)
  ck_test(test_edge_api SOURCES unit/test_edge_api.c unit/net_certs.c LINKS ck_edge LABELS unit race)
endif()
