set(CK_UNIT_SOURCES audio.c avcc.c demux.c enhanced.c fourcc.c meta.c mux.c stamp.c video.c)
