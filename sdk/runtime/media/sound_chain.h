/*
 * What decoded sound goes through on its way to the device: it is stretched to the speed that the
 * jitter buffer asks for, made up where it is missing, resampled by a trifle for a device whose
 * clock drifts, and cut into blocks that know which time they are of.
 *
 *     decoded      ck_sound_chain_put(c, &block)
 *     missing      ck_sound_chain_make_up(c, pts, us, passes, noise)
 * then             while (ck_sound_chain_next(c, slot)) ...
 *
 * Thread: one at a time.
 */
#ifndef CK_MEDIA_SOUND_CHAIN_H
#define CK_MEDIA_SOUND_CHAIN_H

#include "core/stretch/conceal.h"
#include "core/stretch/stretch.h"
#include "core/stretch/warp.h"
#include "runtime/media/codec.h"
#include "runtime/media/sound_ring.h"

typedef struct ck_sound_chain {
    ck_stretch *stretch;
    ck_conceal *conceal;
    ck_warp *warp;
    uint32_t speed; /* thousandths, of what is put */
    int32_t ppm;    /* faster by so much, for the device's clock */
    int64_t end_us; /* presentation time behind what was put */
    bool drain;     /* what is in hand goes out without waiting for more */
    /* To be made up. */
    uint32_t missing;
    int64_t missing_pts_us;
    bool missing_passes, missing_noise;
    /* A piece on its way into a block. */
    float piece[CK_WARP_ROOM(CK_SOUND_BLOCK) * CHALK_PLAYBACK_CHANNELS];
    uint32_t piece_at, piece_frames;
    int64_t piece_pts_us, piece_span_us;
    uint8_t piece_kind;
    ck_sound_block block; /* being filled */
    uint32_t block_frames;
    int64_t block_end_us;
    uint64_t made_us, media_us; /* stretched since the caller last looked, and of how much */
} ck_sound_chain;

/* NO_MEMORY. */
int ck_sound_chain_init(ck_sound_chain *c, uint64_t seed);
void ck_sound_chain_free(ck_sound_chain *c);
/* Forgets what is in hand. */
void ck_sound_chain_reset(ck_sound_chain *c);
/* 48 kHz stereo; what does not fit (a second) is left out. */
void ck_sound_chain_put(ck_sound_chain *c, const ck_audio_block *block);
/* `passes`: the missing sound's own time passes meanwhile, else time stands. */
void ck_sound_chain_make_up(ck_sound_chain *c, int64_t pts_us, uint32_t us, bool passes,
                            bool noise);
/* The next block of 10 ms; false: there is not enough in hand for one. */
bool ck_sound_chain_next(ck_sound_chain *c, ck_sound_block *out);
uint32_t ck_sound_chain_held_us(const ck_sound_chain *c);

#endif
