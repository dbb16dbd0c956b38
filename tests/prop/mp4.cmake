ck_test(prop_mp4 SOURCES prop/prop_mp4.c support/movie.c LINKS ck_core LABELS prop)
