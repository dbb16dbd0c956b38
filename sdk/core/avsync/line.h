/*
 * Where a time line ends and another begins: a publisher that starts anew counts from another
 * number. Sound and picture are on one line, so a break of either is a break of both.
 *
 * Allocates nothing; one thread at a time; fields are private.
 */
#ifndef CK_CORE_AVSYNC_LINE_H
#define CK_CORE_AVSYNC_LINE_H

#include <stdbool.h>
#include <stdint.h>

enum ck_line_medium { CK_LINE_SOUND, CK_LINE_PICTURE, CK_LINE_MEDIA };

typedef struct ck_line {
    struct {
        bool seen;
        int64_t newest_us;
        uint64_t at_us;
    } media[CK_LINE_MEDIA];
} ck_line;

void ck_line_init(ck_line *l);
/* A packet came; times in decoding order, within 2^60. True: it begins another line, being over 5 s
 * further ahead of its medium's newest than time passed, or over 1 s behind it. Time that passed
 * without packets is no break: a still screen, a muted microphone. */
bool ck_line_breaks(ck_line *l, enum ck_line_medium medium, int64_t time_us, uint64_t now_us);

#endif
