set(support ${CMAKE_CURRENT_LIST_DIR}/../support)
ck_test(prop_v4l2 SOURCES prop/prop_v4l2.c ${support}/sink.c ${support}/marks.c
  LINKS ck_test_cameras m LABELS prop)
