/*
 * Takes the clicks out of sound that stops, goes on elsewhere or is muted. A step in the samples is
 * heard as a click, so whatever was given last fades out over CK_SOUND_FADE samples while what
 * comes then fades in, and muting turns the volume down over as many.
 *
 * Thread: one at a time; safe in an audio callback.
 */
#ifndef CK_MEDIA_SOUND_EDGE_H
#define CK_MEDIA_SOUND_EDGE_H

#include "chalkrail/frame.h"

#include <stdbool.h>
#include <stdint.h>

#define CK_SOUND_FADE 240 /* samples per channel: 5 ms */

typedef struct ck_sound_edge {
    float last[CHALK_PLAYBACK_CHANNELS]; /* the newest samples given */
    float from[CHALK_PLAYBACK_CHANNELS]; /* those at the latest joint, fading out */
    uint32_t left;                       /* samples until that joint is over */
    float volume;
} ck_sound_edge;

void ck_sound_edge_init(ck_sound_edge *e, bool muted);
/* What comes next does not go on from what was given last. */
void ck_sound_edge_joint(ck_sound_edge *e);
/* Interleaved stereo, changed in place: joints smoothed, volume on its way to 0 or 1. */
void ck_sound_edge_apply(ck_sound_edge *e, float *samples, uint32_t frames, bool muted);

#endif
