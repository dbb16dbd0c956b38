#include "codec/sound_coder.h"

#include "base/check.h"

#include <math.h>

int ck_sound_check_config(const ck_encoder_config *config, uint32_t codec)
{
    const bool fits = config->codec == codec && config->rate == CK_SOUND_RATE &&
                      config->channels >= 1 && config->channels <= 2 && config->bitrate_kbps >= 1;
    return fits ? CHALK_OK : CHALK_ERR_INVALID_ARGUMENT;
}

int ck_sound_coder_init(ck_sound_coder *c, uint32_t channels, uint32_t frame, ck_encoder *encoder,
                        ck_sound_encode encode)
{
    c->encoder = encoder;
    c->encode = encode;
    c->line.rate = CK_SOUND_RATE;
    c->channels = channels;
    c->frame = c->next_frame = frame;
    c->samples = ck_new_array(&ck_heap, (size_t)CK_SOUND_FRAME_MAX * channels, sizeof(*c->samples));
    if (c->samples == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    return ck_ring_init(&c->packets, &ck_heap, sizeof(ck_packet), CK_SOUND_QUEUE_MAX);
}

void ck_sound_coder_free(ck_sound_coder *c)
{
    ck_packet packet;
    while (ck_ring_pop(&c->packets, &packet)) {
        ck_packet_unref(&packet);
    }
    ck_ring_free(&c->packets);
    ck_free(&ck_heap, c->samples);
    c->samples = NULL;
}

static void begin_frame(ck_sound_coder *c)
{
    c->frame = c->next_frame;
    c->begun.pts_us = ck_sound_line_next_us(&c->line);
    c->begun.capture_us = c->has_capture ? (uint64_t)(c->begun.pts_us + c->capture_minus_pts) : 0;
}

static float sane(float sample)
{
    return isfinite(sample) ? CK_CLAMP(sample, -1.0f, 1.0f) : 0.0f;
}

/* Adds interleaved samples, or silence for NULL. */
static int add(ck_sound_coder *c, const float *samples, uint32_t frames)
{
    while (frames > 0) {
        if (c->filled == 0) {
            begin_frame(c);
        }
        const uint32_t count = CK_MIN(frames, c->frame - c->filled);
        const size_t values = (size_t)count * c->channels;
        float *to = c->samples + (size_t)c->filled * c->channels;
        for (size_t i = 0; i < values; i++) {
            to[i] = samples == NULL ? 0.0f : sane(samples[i]);
        }
        samples = samples == NULL ? NULL : samples + values;
        frames -= count;
        c->filled += count;
        ck_sound_line_count(&c->line, count);
        if (c->filled == c->frame) {
            c->filled = 0;
            const int status = c->encode(c->encoder, c->samples, c->begun);
            if (status != CHALK_OK) {
                return status;
            }
        }
    }
    return CHALK_OK;
}

static int complete_frame(ck_sound_coder *c)
{
    return c->filled == 0 ? CHALK_OK : add(c, NULL, c->frame - c->filled);
}

int ck_sound_coder_send(ck_sound_coder *c, const ck_audio_block *block)
{
    if (block->rate != CK_SOUND_RATE || block->channels != c->channels || block->samples == NULL ||
        block->frames < 1 || block->frames > CK_SOUND_BLOCK_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (c->drained) {
        return CHALK_ERR_BAD_STATE;
    }
    ck_sound_fit fit;
    int status = ck_sound_line_fit(&c->line, block->pts_us, block->frames, &fit);
    if (status != CHALK_OK) {
        return status;
    }
    const uint32_t frame = CK_MIN(c->frame, c->next_frame);
    const size_t coming = ((size_t)fit.silence + block->frames) / frame + 2;
    if (c->packets.count + coming > CK_SOUND_QUEUE_MAX) {
        return CHALK_ERR_AGAIN;
    }
    status = fit.restart ? complete_frame(c) : add(c, NULL, fit.silence);
    if (status != CHALK_OK) {
        return status;
    }
    if (fit.restart) {
        ck_sound_line_restart(&c->line, block->pts_us);
    }
    c->has_capture = block->capture_us != 0;
    c->capture_minus_pts = (int64_t)block->capture_us - block->pts_us;
    return add(c, block->samples + (size_t)fit.skip * c->channels, block->frames - fit.skip);
}

int ck_sound_coder_drain(ck_sound_coder *c)
{
    const int status = complete_frame(c);
    c->drained = true;
    return status;
}

void ck_sound_coder_set_frame(ck_sound_coder *c, uint32_t frame)
{
    c->next_frame = frame;
}

int ck_sound_coder_push(ck_sound_coder *c, uint32_t codec, const void *data, size_t size,
                        ck_stamp stamp)
{
    ck_packet packet = {
        .codec = codec,
        .key = true,
        .pts_us = stamp.pts_us,
        .dts_us = stamp.pts_us,
        .capture_us = stamp.capture_us,
        .payload = ck_slice_copy(&ck_heap, data, size),
    };
    if (packet.payload.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (!ck_ring_push(&c->packets, &packet)) {
        ck_packet_unref(&packet);
        return CHALK_ERR_LIMIT;
    }
    return CHALK_OK;
}

int ck_sound_coder_receive(ck_sound_coder *c, ck_packet *out)
{
    if (ck_ring_pop(&c->packets, out)) {
        return CHALK_OK;
    }
    return c->drained ? CHALK_ERR_END : CHALK_ERR_AGAIN;
}
