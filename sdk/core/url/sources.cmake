set(CK_UNIT_SOURCES escape.c host.c rtmp_target.c url.c)
