#include "runtime/media/sound_chain.h"

#include "base/check.h"

#include <string.h>

#define CHANNELS CHALK_PLAYBACK_CHANNELS
#define AHEAD    ((uint32_t)((uint64_t)CK_STRETCH_AHEAD_US * CHALK_SAMPLE_RATE / 1000000))

static int64_t us_of(uint32_t frames)
{
    return (int64_t)frames * 1000000 / CHALK_SAMPLE_RATE;
}

int ck_sound_chain_init(ck_sound_chain *c, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    c->speed = CK_STRETCH_NORMAL;
    int status = ck_stretch_create(&ck_heap, CHALK_SAMPLE_RATE, CHANNELS, &c->stretch);
    if (status == CHALK_OK) {
        status = ck_conceal_create(&ck_heap, CHALK_SAMPLE_RATE, CHANNELS, seed, &c->conceal);
    }
    if (status == CHALK_OK) {
        status = ck_warp_create(&ck_heap, CHANNELS, &c->warp);
    }
    if (status < 0) {
        ck_sound_chain_free(c);
    }
    return status;
}

void ck_sound_chain_free(ck_sound_chain *c)
{
    ck_stretch_destroy(&c->stretch);
    ck_conceal_destroy(&c->conceal);
    ck_warp_destroy(&c->warp);
}

void ck_sound_chain_reset(ck_sound_chain *c)
{
    ck_stretch_reset(c->stretch);
    c->missing = 0;
    c->piece_at = 0;
    c->piece_frames = 0;
    c->block_frames = 0;
    c->drain = false;
}

uint32_t ck_sound_chain_held_us(const ck_sound_chain *c)
{
    uint32_t frames =
        ck_stretch_held(c->stretch) + c->missing + c->piece_frames - c->piece_at + c->block_frames;
    return (uint32_t)us_of(frames);
}

void ck_sound_chain_put(ck_sound_chain *c, const ck_audio_block *block)
{
    c->drain = false;
    if (ck_stretch_put(c->stretch, block->samples, block->frames) == CHALK_OK) {
        c->end_us = block->pts_us + us_of(block->frames);
    }
}

void ck_sound_chain_make_up(ck_sound_chain *c, int64_t pts_us, uint32_t us, bool passes, bool noise)
{
    c->missing = (uint32_t)((uint64_t)us * CHALK_SAMPLE_RATE / 1000000);
    c->missing_pts_us = pts_us;
    c->missing_passes = passes;
    c->missing_noise = noise;
    c->drain = true;
}

/* --- pieces ---------------------------------------------------------------------------------- */

static void finish_piece(ck_sound_chain *c, const float *pcm, uint32_t frames)
{
    c->piece_at = 0;
    c->piece_frames = ck_warp_run(c->warp, pcm, frames, c->ppm, c->piece);
}

static void make_up(ck_sound_chain *c)
{
    float pcm[CK_SOUND_BLOCK * CHANNELS];
    uint32_t frames = CK_MIN(c->missing, CK_SOUND_BLOCK);
    ck_conceal_lost(c->conceal, pcm, frames);
    c->piece_pts_us = c->missing_pts_us;
    c->piece_span_us = c->missing_passes ? us_of(frames) : 0;
    c->piece_kind = c->missing_noise ? CK_SOUND_NOISE : CK_SOUND_HEARD;
    c->missing_pts_us += c->piece_span_us;
    c->missing -= frames;
    finish_piece(c, pcm, frames);
}

static void stretch(ck_sound_chain *c, uint32_t held)
{
    float pcm[CK_SOUND_BLOCK * CHANNELS];
    uint32_t speed = c->drain ? CK_STRETCH_NORMAL : c->speed;
    uint32_t got = ck_stretch_take(c->stretch, pcm, CK_SOUND_BLOCK, speed);
    uint32_t used = held - ck_stretch_held(c->stretch); /* below `got` when played slower */
    ck_conceal_good(c->conceal, pcm, got);
    c->piece_pts_us = c->end_us - us_of(held);
    c->piece_span_us = (int32_t)used > 0 ? us_of(used) : 0;
    c->piece_kind = CK_SOUND_HEARD;
    if (used != got) {
        c->made_us += (uint64_t)us_of(got);
        c->media_us += (uint64_t)c->piece_span_us;
    }
    finish_piece(c, pcm, got);
}

/* False: there is not enough in hand. Playing faster needs more than a block to choose from. */
static bool next_piece(ck_sound_chain *c)
{
    uint32_t held = ck_stretch_held(c->stretch);
    uint32_t wanted = CK_SOUND_BLOCK + (c->speed > CK_STRETCH_NORMAL ? AHEAD : 0);
    if (held >= wanted || (c->drain && held > 0)) {
        stretch(c, held);
    } else if (c->missing > 0) {
        make_up(c);
    } else {
        return false;
    }
    return true;
}

static int64_t piece_time(const ck_sound_chain *c)
{
    return c->piece_pts_us + c->piece_span_us * c->piece_at / CK_MAX(c->piece_frames, 1);
}

static void fill_block(ck_sound_chain *c)
{
    uint32_t count = CK_MIN(CK_SOUND_BLOCK - c->block_frames, c->piece_frames - c->piece_at);
    if (c->block_frames == 0) {
        c->block.pts_us = piece_time(c);
    }
    memcpy(c->block.samples + (size_t)c->block_frames * CHANNELS,
           c->piece + (size_t)c->piece_at * CHANNELS, count * CHANNELS * sizeof(float));
    c->block_frames += count;
    c->piece_at += count;
    c->block.kind = c->piece_kind;
    c->block_end_us = piece_time(c);
}

bool ck_sound_chain_next(ck_sound_chain *c, ck_sound_block *out)
{
    while (c->block_frames < CK_SOUND_BLOCK) {
        if (c->piece_at == c->piece_frames && !next_piece(c)) {
            return false;
        }
        fill_block(c);
    }
    c->block_frames = 0;
    c->block.span_us = (int32_t)CK_CLAMP(c->block_end_us - c->block.pts_us, 0, 1000000);
    *out = c->block;
    return true;
}
