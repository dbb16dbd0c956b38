#include "runtime/media/sound_edge.h"

#include "base/check.h"

#include <stddef.h>
#include <string.h>

#define CHANNELS CHALK_PLAYBACK_CHANNELS

void ck_sound_edge_init(ck_sound_edge *e, bool muted)
{
    memset(e, 0, sizeof *e);
    e->volume = muted ? 0.0f : 1.0f;
}

void ck_sound_edge_joint(ck_sound_edge *e)
{
    memcpy(e->from, e->last, sizeof e->from);
    e->left = CK_SOUND_FADE;
}

/* `last` is kept before the volume, so that a joint while muted is one still when unmuted. */
static void join(ck_sound_edge *e, float *frame)
{
    const float old = (float)e->left / CK_SOUND_FADE;
    for (int c = 0; c < CHANNELS; c++) {
        frame[c] = frame[c] * (1.0f - old) + e->from[c] * old;
    }
    e->left -= e->left > 0;
}

static void turn_volume(ck_sound_edge *e, float *frame, float wanted)
{
    const float step = 1.0f / CK_SOUND_FADE;
    e->volume =
        wanted > e->volume ? CK_MIN(e->volume + step, wanted) : CK_MAX(e->volume - step, wanted);
    for (int c = 0; c < CHANNELS; c++) {
        frame[c] *= e->volume;
    }
}

void ck_sound_edge_apply(ck_sound_edge *e, float *samples, uint32_t frames, bool muted)
{
    const float wanted = muted ? 0.0f : 1.0f;
    bool idle = e->left == 0 && e->volume == wanted && wanted == 1.0f;
    for (uint32_t i = 0; i < frames && !idle; i++) {
        float *frame = samples + (size_t)i * CHANNELS;
        join(e, frame);
        memcpy(e->last, frame, sizeof e->last);
        turn_volume(e, frame, wanted);
    }
    if (idle && frames > 0) {
        memcpy(e->last, samples + (size_t)(frames - 1) * CHANNELS, sizeof e->last);
    }
}
