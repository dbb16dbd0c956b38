ck_test(test_mp4 SOURCES unit/test_mp4.c support/movie.c LINKS ck_core)
