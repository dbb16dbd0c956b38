/*
 * Which encoder is used, and what happens when one fails in mid-stream: the next one.
 *
 * The order is that of the table, software first: a driver is taken where it is asked for, or where
 * nothing else works. What it makes of text at the rates of a class differs from device to device
 * and is not known here; what a processor saves with it is little while nothing changes.
 */
#include "runtime/media/encoding_inside.h"

#include "base/check.h"
#include "base/text.h"
#include "runtime/media/encoder_guard.h"

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
    case CHALK_HINT_AUTO: /* slides take what they need of it */
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
        .hint = e->config.media == CHALK_MEDIA_VIDEO ? e->hint : e->config.hint,
        .width = width,
        .height = height,
        .color = color,
        .fps_max = e->config.fps_max,
        .bitrate_kbps = e->bitrate_kbps,
        .gop_us = 0, /* this side knows which key frames were sent without the encoder */
        .rate = CHALK_SAMPLE_RATE,
        .channels = e->config.channels,
    };
    uv_mutex_unlock(&e->lock);
}

enum ck_encoder_wish ck_encoder_wish_of(const char *encoder)
{
    if (encoder == NULL || ck_text_equal(encoder, "auto")) {
        return CK_WISH_AUTO;
    }
    if (ck_text_equal(encoder, "software")) {
        return CK_WISH_SOFTWARE;
    }
    return ck_text_equal(encoder, "hardware") ? CK_WISH_HARDWARE : CK_WISH_NAME;
}

bool ck_encoder_is_wished(const char *encoder, const ck_encoder_backend *backend)
{
    switch (ck_encoder_wish_of(encoder)) {
    case CK_WISH_NAME:
        return ck_text_equal(encoder, backend->name);
    case CK_WISH_SOFTWARE:
        return !backend->hardware;
    default:
        return true;
    }
}

static void tell_choice(ck_encoding *e, const char *passed_over)
{
    char text[160];
    ck_text t = ck_text_of(text, sizeof text);
    ck_text_add(&t, e->chosen->name);
    if (ck_encoder_wish_of(e->config.encoder) == CK_WISH_NAME) {
        ck_text_add(&t, ": asked for by name");
    } else if (passed_over[0] != '\0') {
        ck_text_add(&t, ": the first that works; ");
        ck_text_add(&t, passed_over);
        ck_text_add(&t, " did not");
    } else {
        ck_text_add(&t, ": first in the order of preference");
    }
    uv_mutex_lock(&e->lock);
    (void)ck_text_copy(e->stats.encoder, sizeof e->stats.encoder, e->chosen->name);
    e->stats.width = (uint32_t)e->encoder_config.width;
    e->stats.height = (uint32_t)e->encoder_config.height;
    e->stats.bitrate_kbps = e->encoder_config.bitrate_kbps;
    uv_mutex_unlock(&e->lock);
    if (!e->retuned) {
        e->config.chosen(e->config.user, CHALK_OK, text);
    }
    e->retuned = false;
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
    if (status == CHALK_OK) {
        ck_encoding_configure_still(e, info.config);
    }
    /* Some drivers tell it with the first picture alone; it then comes as a packet. */
    if (status < 0 || info.config.size == 0 || is_known(e, info.config)) {
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

static int open_backend(ck_encoding *e, const ck_encoder_backend *backend)
{
    const ck_encoder_config *config = &e->encoder_config;
    e->chosen = backend;
    e->backend = backend->hardware ? &ck_encoder_guard : backend;
    return backend->hardware ? ck_encoder_guard_open(backend, config, e->config.log, &e->encoder)
                             : backend->open(config, e->config.log, &e->encoder);
}

/* Whether a failure says something of the encoder: without memory another time may be better. */
static bool is_its_own(int status)
{
    return status != CHALK_ERR_NO_MEMORY;
}

/* The first of one kind that works; what does not is added to `over`. UNSUPPORTED: there is none.
 */
static int open_first(ck_encoding *e, bool hardware, ck_text *over)
{
    int status = CHALK_ERR_UNSUPPORTED;
    for (size_t i = 0; e->config.codecs->encoders[i] != NULL && i < CK_COUNT_OF(e->rejected); i++) {
        const ck_encoder_backend *backend = e->config.codecs->encoders[i];
        if (backend->codec != e->config.codec || backend->hardware != hardware ||
            !ck_encoder_is_wished(e->config.encoder, backend)) {
            continue;
        }
        status = e->rejected[i] ? CHALK_ERR_CODEC : open_backend(e, backend);
        if (status == CHALK_OK) {
            return CHALK_OK;
        }
        e->rejected[i] = is_its_own(status);
        ck_text_add(over, over->used > 0 ? ", " : "");
        ck_text_add(over, backend->name);
    }
    return status;
}

int ck_encoding_open_encoder(ck_encoding *e, int32_t width, int32_t height, uint32_t color)
{
    char passed_over[96];
    ck_text over = ck_text_of(passed_over, sizeof passed_over);
    const bool hardware_first = ck_encoder_wish_of(e->config.encoder) == CK_WISH_HARDWARE;
    fill_config(e, width, height, color);
    int status = open_first(e, hardware_first, &over);
    if (status < 0) {
        int other = open_first(e, !hardware_first, &over);
        status = other != CHALK_ERR_UNSUPPORTED ? other : status;
    }
    if (status == CHALK_OK) {
        tell_choice(e, passed_over);
        return hand_out_config(e);
    }
    e->hopeless = true;
    e->config.chosen(e->config.user, status, "no encoder works");
    return status;
}

void ck_encoding_encoder_failed(ck_encoding *e, int status)
{
    ck_logf(e->config.log, 2, "encoding", "%s failed: %s", e->chosen->name,
            chalk_error_text(status));
    for (size_t i = 0; e->config.codecs->encoders[i] != NULL; i++) {
        if (e->config.codecs->encoders[i] == e->chosen && i < CK_COUNT_OF(e->rejected)) {
            e->rejected[i] = is_its_own(status);
        }
    }
    ck_encoding_close_encoder(e);
    ck_encoding_want_key(e);
}

void ck_encoding_close_encoder(ck_encoding *e)
{
    if (e->encoder != NULL) {
        e->backend->close(&e->encoder);
        e->still = (ck_h264_still){0};
        ck_packet_unref(&e->key_packet);
    }
}
