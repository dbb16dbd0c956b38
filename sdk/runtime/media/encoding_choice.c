/* Which encoder is used, and what happens when one fails in mid-stream: the next of the table. */
#include "runtime/media/encoding_inside.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

/* Bits per pixel and second at 15 frames: text compresses well and changes rarely. Opus sounds as
 * well as AAC with half the bits for a voice, two thirds for music. */
static uint32_t bitrate_by_hint(const ck_encoding_config *config, int32_t width, int32_t height)
{
    uint64_t pixels = (uint64_t)width * (uint64_t)height;
    bool opus = config->codec == CHALK_CODEC_OPUS;
    switch (config->hint) {
    case CHALK_HINT_VOICE:
        return (opus ? 32 : 64) * config->channels;
    case CHALK_HINT_MUSIC:
        return (opus ? 64 : 96) * config->channels;
    case CHALK_HINT_MOTION:
        return (uint32_t)CK_CLAMP(pixels * 27 / 10000, 300u, 8000u);
    case CHALK_HINT_CAMERA:
        return (uint32_t)CK_CLAMP(pixels * 13 / 10000, 200u, 4000u);
    default:
        return (uint32_t)CK_CLAMP(pixels * 11 / 10000, 300u, 5000u);
    }
}

static void fill_config(ck_encoding *e, int32_t width, int32_t height, uint32_t color)
{
    uv_mutex_lock(&e->lock);
    if (e->bitrate_kbps == 0) {
        e->bitrate_kbps = bitrate_by_hint(&e->config, width, height);
    }
    e->bitrate_changed = false;
    e->encoder_config = (ck_encoder_config){
        .codec = e->config.codec,
        .hint = e->config.hint,
        .width = width,
        .height = height,
        .color = color,
        .fps_max = e->config.fps_max,
        .bitrate_kbps = e->bitrate_kbps,
        .gop_us = e->config.gop_us,
        .rate = CHALK_SAMPLE_RATE,
        .channels = e->config.channels,
    };
    uv_mutex_unlock(&e->lock);
}

static bool is_candidate(const ck_encoding *e, size_t index, const ck_encoder_backend *backend)
{
    if (backend->codec != e->config.codec || e->rejected[index]) {
        return false;
    }
    return e->config.encoder == NULL || ck_text_equal(e->config.encoder, backend->name);
}

static void tell_choice(ck_encoding *e, const char *passed_over)
{
    char text[160];
    ck_text t = ck_text_of(text, sizeof text);
    ck_text_add(&t, e->backend->name);
    if (e->config.encoder != NULL) {
        ck_text_add(&t, ": asked for by name");
    } else if (passed_over[0] != '\0') {
        ck_text_add(&t, ": the first that works; ");
        ck_text_add(&t, passed_over);
        ck_text_add(&t, " does not");
    } else {
        ck_text_add(&t, ": first in the order of preference");
    }
    uv_mutex_lock(&e->lock);
    (void)ck_text_copy(e->stats.encoder, sizeof e->stats.encoder, e->backend->name);
    e->stats.width = (uint32_t)e->encoder_config.width;
    e->stats.height = (uint32_t)e->encoder_config.height;
    e->stats.bitrate_kbps = e->encoder_config.bitrate_kbps;
    uv_mutex_unlock(&e->lock);
    e->config.chosen(e->config.user, CHALK_OK, text);
}

/* Only its own thread changes the packet, so it may read it without the lock. */
static bool is_known(const ck_encoding *e, ck_slice config)
{
    const ck_slice *known = &e->config_packet.payload;
    return known->size == config.size && config.size > 0 &&
           memcmp(known->data, config.data, config.size) == 0;
}

static int hand_out_config(ck_encoding *e)
{
    ck_encoder_info info;
    int status = e->backend->info(e->encoder, &info);
    if (status < 0 || is_known(e, info.config)) {
        return status;
    }
    const ck_packet packet = {
        .codec = e->config.codec,
        .key = true,
        .config = true,
        .payload = info.config,
    };
    ck_encoding_hand_out(e, &packet);
    return CHALK_OK;
}

int ck_encoding_open_encoder(ck_encoding *e, int32_t width, int32_t height, uint32_t color)
{
    char passed_over[64];
    ck_text over = ck_text_of(passed_over, sizeof passed_over);
    int status = CHALK_ERR_UNSUPPORTED;
    fill_config(e, width, height, color);
    for (size_t i = 0; e->config.codecs->encoders[i] != NULL; i++) {
        const ck_encoder_backend *backend = e->config.codecs->encoders[i];
        if (i < CK_COUNT_OF(e->rejected) && is_candidate(e, i, backend)) {
            status = backend->open(&e->encoder_config, e->config.log, &e->encoder);
            if (status == CHALK_OK) {
                e->backend = backend;
                tell_choice(e, passed_over);
                return hand_out_config(e);
            }
            e->rejected[i] = true;
        }
        if (backend->codec == e->config.codec && e->rejected[i]) {
            ck_text_add(&over, over.used > 0 ? ", " : "");
            ck_text_add(&over, backend->name);
        }
    }
    e->hopeless = true;
    e->config.chosen(e->config.user, status, "no encoder works");
    return status;
}

void ck_encoding_encoder_failed(ck_encoding *e, int status)
{
    ck_logf(e->config.log, 2, "encoding", "%s failed: %s", e->backend->name,
            chalk_error_text(status));
    for (size_t i = 0; e->config.codecs->encoders[i] != NULL; i++) {
        if (e->config.codecs->encoders[i] == e->backend && i < CK_COUNT_OF(e->rejected)) {
            e->rejected[i] = true;
        }
    }
    ck_encoding_close_encoder(e);
    ck_encoding_want_key(e);
}

void ck_encoding_close_encoder(ck_encoding *e)
{
    if (e->encoder != NULL) {
        e->backend->close(&e->encoder);
    }
}
