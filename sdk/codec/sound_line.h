/*
 * Keeps counted samples in step with the times that blocks of sound state.
 *
 * A block's pts_us is the truth about when its first sample was, but no two clocks agree, so small
 * differences are left alone: samples are counted from an anchor, and only when a block is more
 * than CK_SOUND_DRIFT_US off is the line corrected. A gap becomes silence, an overlap is cut off
 * the block. A gap above CK_SOUND_JUMP_US is not filled: the line begins anew at the block. Pure.
 */
#ifndef CK_CODEC_SOUND_LINE_H
#define CK_CODEC_SOUND_LINE_H

#include <stdbool.h>
#include <stdint.h>

#define CK_SOUND_DRIFT_US 40000
#define CK_SOUND_JUMP_US  2000000

typedef struct ck_sound_line {
    uint32_t rate; /* Hz */
    int64_t anchor_us;
    int64_t count; /* samples since the anchor */
    bool started;
} ck_sound_line;

/* What to do with a block. At most one of the fields is set. */
typedef struct ck_sound_fit {
    uint32_t silence; /* samples to insert before it */
    uint32_t skip;    /* samples to leave out at its beginning, possibly all */
    bool restart;     /* complete what is begun, then call ck_sound_line_restart */
} ck_sound_fit;

/* CHALK_ERR_INVALID_ARGUMENT for a block that begins more than CK_SOUND_JUMP_US before the end of
 * what was counted: time does not go back. Changes nothing but an unstarted line. */
int ck_sound_line_fit(ck_sound_line *l, int64_t pts_us, uint32_t frames, ck_sound_fit *fit);
void ck_sound_line_restart(ck_sound_line *l, int64_t pts_us);
/* Time of the next sample to be counted, then counts. */
int64_t ck_sound_line_next_us(const ck_sound_line *l);
void ck_sound_line_count(ck_sound_line *l, uint32_t samples);

#endif
