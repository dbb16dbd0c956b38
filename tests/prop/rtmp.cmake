ck_test(prop_rtmp SOURCES prop/prop_rtmp.c unit/rtmp_pair.c LINKS ck_core LABELS prop)
