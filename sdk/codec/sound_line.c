#include "codec/sound_line.h"

#include "chalkrail/errors.h"

#include "base/check.h"

int64_t ck_sound_line_next_us(const ck_sound_line *l)
{
    return l->anchor_us + l->count * 1000000 / (int64_t)l->rate;
}

void ck_sound_line_restart(ck_sound_line *l, int64_t pts_us)
{
    l->anchor_us = pts_us;
    l->count = 0;
    l->started = true;
}

void ck_sound_line_count(ck_sound_line *l, uint32_t samples)
{
    l->count += samples;
}

int ck_sound_line_fit(ck_sound_line *l, int64_t pts_us, uint32_t frames, ck_sound_fit *fit)
{
    *fit = (ck_sound_fit){0};
    if (!l->started) {
        ck_sound_line_restart(l, pts_us);
        return CHALK_OK;
    }
    const int64_t drift = pts_us - ck_sound_line_next_us(l);
    if (drift < -CK_SOUND_JUMP_US) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (drift > CK_SOUND_JUMP_US) {
        fit->restart = true;
    } else if (drift > CK_SOUND_DRIFT_US) {
        fit->silence = (uint32_t)(drift * (int64_t)l->rate / 1000000);
    } else if (drift < -CK_SOUND_DRIFT_US) {
        fit->skip = (uint32_t)CK_MIN(-drift * (int64_t)l->rate / 1000000, (int64_t)frames);
    }
    return CHALK_OK;
}
