/* A small fragmented MP4 for tests: a track of H.264 and one of AAC, two fragments of three samples
 * each, and boxes between that no player needs. */
#ifndef CK_TESTS_MOVIE_H
#define CK_TESTS_MOVIE_H

#include "base/bytes.h"

void ck_movie_make(ck_buf *out);
/* Where the contents of the nth (0: first) box of that type begin; 0 when there is none. */
size_t ck_movie_find(const ck_buf *movie, const char *type, unsigned nth);

#endif
