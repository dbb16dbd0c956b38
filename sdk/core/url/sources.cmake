set(CK_UNIT_SOURCES escape.c host.c resolve.c rtmp_target.c url.c)
