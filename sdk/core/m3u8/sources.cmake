set(CK_UNIT_SOURCES attributes.c hls.c hls_ask.c hls_choice.c hls_playlist.c line.c playlist.c tags.c tags_master.c tags_parts.c values.c)
