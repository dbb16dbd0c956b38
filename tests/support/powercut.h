/*
 * A disk that loses power. A program that is linked with powercut_linux.c defines the calls by
 * which our code waits for a device; they go to the C library, and what they have made last is
 * written down: of a file its bytes at its last fdatasync or fsync, of a folder its names at its
 * last fsync. That is all that a power cut has to leave, and what powercut leaves: nothing else
 * that was written, renamed or removed since.
 */
#ifndef CK_TESTS_POWERCUT_H
#define CK_TESTS_POWERCUT_H

/* From now on what is below `folder`, which is empty, is watched. One folder at a time. */
void powercut_watch(const char *folder);
/* Makes the folder `out` and in it what the watched one would be after a power cut at this moment.
 * Any thread, at any time. */
void powercut_leave(const char *out);
void powercut_end(void);

#endif
