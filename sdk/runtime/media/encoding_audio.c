#include "runtime/media/encoding_inside.h"

#include "base/check.h"

#include <string.h>

#define PIECE_MAX   9600   /* samples per channel taken at once: at most 200 ms at 48 kHz */
#define SILENCE_US  20000  /* silence is made in pieces of this */
#define PATIENCE_US 300000 /* a source that gave nothing for so long gets silence in its place */
#define GAP_US      40000  /* more than this between two blocks is a gap, not jitter */
#define LAG_MAX_US  1000000
#define FADE_A_SEC  200 /* muting takes a 200th of a second: at once would be a click */

typedef struct turn {
    bool stop;
    bool muted;
    bool slept; /* there was no taker for a while */
    uint32_t new_bitrate;
    ck_audio_block block; /* frames 0: nothing came in time */
} turn;

/* Copies the oldest sound out of the ring; `piece` has room for PIECE_MAX samples of 8 channels. */
static void take_sound(ck_encoding *e, float *piece, ck_audio_block *block)
{
    size_t frames = CK_MIN(e->sound_count, (size_t)PIECE_MAX);
    size_t to_end = CK_MIN(frames, e->sound_capacity - e->sound_first);
    size_t sample = e->sound_channels * sizeof(float);
    memcpy(piece, e->sound + e->sound_first * e->sound_channels, to_end * sample);
    memcpy(piece + to_end * e->sound_channels, e->sound, (frames - to_end) * sample);
    *block = (ck_audio_block){
        .samples = piece,
        .frames = (uint32_t)frames,
        .rate = e->sound_rate,
        .channels = e->sound_channels,
        .capture_us = e->sound_capture_us,
    };
    e->sound_first = (e->sound_first + frames) % e->sound_capacity;
    e->sound_count -= frames;
    e->sound_capture_us += (uint64_t)frames * CK_US_PER_S / e->sound_rate;
}

static turn wait_for_sound(ck_encoding *e, float *piece)
{
    turn t = {0};
    uv_mutex_lock(&e->lock);
    t.slept = ck_encoding_sleep(e);
    if (!e->stop && e->sound_count == 0) {
        (void)uv_cond_timedwait(&e->wake, &e->lock, (uint64_t)SILENCE_US * 1000);
    }
    t.stop = e->stop;
    t.muted = e->muted;
    t.new_bitrate = e->bitrate_changed ? e->bitrate_kbps : 0;
    e->bitrate_changed = false;
    e->want_key = false; /* every frame of sound is one */
    if (!t.stop && e->sound_count > 0) {
        take_sound(e, piece, &t.block);
    }
    uv_mutex_unlock(&e->lock);
    return t;
}

static void apply_mute(ck_encoding *e, float *piece, const turn *t)
{
    const float step = (float)FADE_A_SEC / (float)t->block.rate;
    const float wanted = t->muted ? 0.0f : 1.0f;
    for (uint32_t i = 0; i < t->block.frames; i++) {
        e->gain =
            wanted > e->gain ? CK_MIN(e->gain + step, wanted) : CK_MAX(e->gain - step, wanted);
        for (uint32_t c = 0; c < t->block.channels; c++) {
            /* Not multiplied when silent: what an application pushes may be NaN. */
            float *sample = &piece[(size_t)i * t->block.channels + c];
            *sample = e->gain > 0.0f ? *sample * e->gain : 0.0f;
        }
    }
}

static int receive_packets(ck_encoding *e)
{
    for (;;) {
        ck_packet packet;
        int status = e->backend->receive(e->encoder, &packet);
        if (status == CHALK_ERR_AGAIN || status == CHALK_ERR_END) {
            return CHALK_OK;
        }
        if (status < 0) {
            return status;
        }
        if (!packet.config && packet.pts_us < 0) {
            ck_packet_unref(&packet); /* the encoder's priming, before the line begins */
            continue;
        }
        if (!packet.config) {
            uv_mutex_lock(&e->lock);
            e->stats.frames_encoded++;
            e->stats.bytes_encoded += packet.payload.size;
            uv_mutex_unlock(&e->lock);
        }
        packet.capture_us = atomic_load(&e->config.line->origin_us) + (uint64_t)packet.pts_us;
        ck_encoding_hand_out(e, &packet);
        ck_packet_unref(&packet);
    }
}

/* 48 kHz samples in the encoding's channels, their presentation time set. */
static int encode_block(ck_encoding *e, const ck_audio_block *block)
{
    int status = CHALK_OK;
    if (e->encoder == NULL) {
        status = ck_encoding_open_encoder(e, 0, 0, 0);
    }
    if (status == CHALK_OK) {
        status = e->backend->send_audio(e->encoder, block);
    }
    if (status == CHALK_OK) {
        e->sound_pts_us = block->pts_us + (int64_t)block->frames * 1000000 / CHALK_SAMPLE_RATE;
        status = receive_packets(e);
    }
    return status;
}

/* Fills the time line with silence up to `until_us`. */
static int encode_silence(ck_encoding *e, int64_t until_us)
{
    static const float zeros[2 * CHALK_SAMPLE_RATE * SILENCE_US / 1000000];
    const uint32_t frames = CHALK_SAMPLE_RATE / 1000 * (SILENCE_US / 1000);
    int status = CHALK_OK;
    while (status == CHALK_OK && until_us - e->sound_pts_us >= SILENCE_US) {
        const ck_audio_block block = {
            .samples = zeros,
            .frames = frames,
            .rate = CHALK_SAMPLE_RATE,
            .channels = e->config.channels,
            .pts_us = e->sound_pts_us,
        };
        status = encode_block(e, &block);
    }
    return status;
}

static int encode_sound(ck_encoding *e, turn *t)
{
    int status = CHALK_OK;
    if (e->resampler == NULL) {
        status = e->config.codecs->resampler_open(e->config.channels, &e->resampler);
    }
    ck_audio_block out = {0};
    if (status == CHALK_OK) {
        status = e->config.codecs->resample(e->resampler, &t->block, &out);
    }
    if (status < 0) {
        return status == CHALK_ERR_AGAIN ? CHALK_OK : status;
    }
    int64_t pts = ck_timeline_pts(e->config.line, out.capture_us);
    int64_t end = pts + (int64_t)out.frames * 1000000 / CHALK_SAMPLE_RATE;
    if (end + GAP_US <= e->sound_pts_us) {
        uv_mutex_lock(&e->lock);
        e->stats.frames_dropped++; /* so late that silence stands in its place */
        uv_mutex_unlock(&e->lock);
        return CHALK_OK;
    }
    if (e->sound_pts_us >= 0 && pts - e->sound_pts_us > GAP_US) {
        status = encode_silence(e, pts);
    }
    out.pts_us = pts;
    return status == CHALK_OK ? encode_block(e, &out) : status;
}

/* Sound begins with its first taker, which may be long after the line did. */
static void begin_line(ck_encoding *e)
{
    e->sound_at_us = ck_clock_us();
    e->sound_lag_us = 0;
    e->sound_pts_us = CK_MAX(e->sound_pts_us, ck_timeline_pts(e->config.line, e->sound_at_us));
}

/* Nothing came: silence, when it has not come for so long that it is not just late. A source that
 * is late as a rule, such as a radio microphone, stays so: its sound must still find its place. */
static int fill_in(ck_encoding *e)
{
    uint64_t now_us = ck_clock_us();
    if (now_us - e->sound_at_us <= PATIENCE_US) {
        return CHALK_OK;
    }
    int64_t pts = ck_timeline_pts(e->config.line, now_us);
    return encode_silence(e, pts - e->sound_lag_us - PATIENCE_US / 2);
}

static int take_turn(ck_encoding *e, float *piece, turn *t)
{
    if (t->slept) {
        begin_line(e);
    }
    if (t->block.frames == 0) {
        return fill_in(e);
    }
    apply_mute(e, piece, t);
    int status = encode_sound(e, t);
    e->sound_at_us = ck_clock_us();
    e->sound_lag_us = ck_timeline_pts(e->config.line, e->sound_at_us) - e->sound_pts_us;
    e->sound_lag_us = CK_CLAMP(e->sound_lag_us, 0, LAG_MAX_US);
    return status;
}

void ck_encoding_run_audio(ck_encoding *e)
{
    float *piece = ck_new_array(&ck_heap, PIECE_MAX, 8 * sizeof(float));
    if (piece == NULL) {
        e->hopeless = true;
        e->config.chosen(e->config.user, CHALK_ERR_NO_MEMORY, "no memory for sound");
        return;
    }
    for (;;) {
        turn t = wait_for_sound(e, piece);
        if (t.stop) {
            break;
        }
        if (e->hopeless) {
            continue;
        }
        if (t.new_bitrate != 0 && e->encoder != NULL &&
            e->backend->set_bitrate(e->encoder, t.new_bitrate) == CHALK_OK) {
            uv_mutex_lock(&e->lock);
            e->stats.bitrate_kbps = t.new_bitrate;
            uv_mutex_unlock(&e->lock);
        }
        uint64_t cpu_us = ck_thread_cpu_us();
        int status = take_turn(e, piece, &t);
        if (status < 0 && e->encoder != NULL) {
            ck_encoding_encoder_failed(e, status);
        }
        uv_mutex_lock(&e->lock);
        e->stats.encode_us += ck_thread_cpu_us() - cpu_us;
        uv_mutex_unlock(&e->lock);
    }
    ck_free(&ck_heap, piece);
}
