#include "bench/crowd.h"

#include "base/check.h"
#include "support/alloc.h"

#include <stdio.h>
#include <string.h>

/* 436 kbit/s of pictures, 64 kbit/s of sound. */
#define PICTURES_PER_S 15
#define GOP            (2 * PICTURES_PER_S)
#define KEY_BYTES      20000u
#define PICTURE_BYTES  3066u
#define SOUND_US       21333u /* 1024 samples of 48 kHz */
#define SOUND_BYTES    170u
#define TIME_DIGITS    16u

static const uint8_t video_config[] = {
    0x17, 0,    0,    0,    0,    1,    0x64, 0,    0x1f, 0xff, 0xe1, 0,    0x1a, 0x67, 0x64, 0,
    0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10, 0,    0,    0x03, 0,    0x10, 0,    0,
    0x03, 0x03, 0xc0, 0xf1, 0x83, 0x19, 0x60, 1,    0,    0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0,
};
static const uint8_t sound_config[] = {0xaf, 0, 0x11, 0x90};

static void send_tag(ck_crowd_client *c, uint8_t type, uint64_t at_us, ck_slice body)
{
    ck_flv_tag tag = {.type = type, .timestamp_ms = (uint32_t)(at_us / 1000), .body = body};
    if (body.data == NULL || ck_rtmp_send(c->rtmp, &tag) < 0) {
        c->failed = true;
    }
    ck_slice_unref(&body);
}

/* A body of this size: its head, filling, and the time. */
static ck_slice make_body(const uint8_t *head, size_t head_size, size_t size, uint64_t now_us)
{
    ck_slice body = ck_slice_new(&ck_test_heap, size);
    if (body.data != NULL) {
        uint8_t *bytes = ck_slice_mutable(body);
        char digits[TIME_DIGITS + 1];
        memset(bytes, 0x77, size);
        memcpy(bytes, head, head_size);
        snprintf(digits, sizeof digits, "%016llx", (unsigned long long)now_us);
        memcpy(bytes + size - TIME_DIGITS, digits, TIME_DIGITS);
    }
    return body;
}

static void send_picture(ck_crowd_stream *s, ck_crowd_client *c, uint64_t at_us, uint64_t now_us)
{
    bool key = s->pictures % GOP == 0;
    uint32_t size = key ? KEY_BYTES : PICTURE_BYTES;
    uint32_t nal = size - 9;
    const uint8_t head[] = {key ? 0x17 : 0x27,
                            1,
                            0,
                            0,
                            0,
                            (uint8_t)(nal >> 24),
                            (uint8_t)(nal >> 16),
                            (uint8_t)(nal >> 8),
                            (uint8_t)nal,
                            key ? 0x65 : 0x41};
    send_tag(c, CK_FLV_VIDEO, at_us, make_body(head, sizeof head, size, now_us));
    s->pictures++;
}

static void send_sound(ck_crowd_stream *s, ck_crowd_client *c, uint64_t at_us, uint64_t now_us)
{
    static const uint8_t head[] = {0xaf, 1};
    send_tag(c, CK_FLV_AUDIO, at_us, make_body(head, sizeof head, SOUND_BYTES, now_us));
    s->sounds++;
}

uint64_t ck_crowd_publish(ck_crowd_stream *s, ck_crowd_client *c, uint64_t now_us)
{
    if (!s->configured) {
        s->configured = true;
        s->began_us = now_us;
        send_tag(c, CK_FLV_VIDEO, 0,
                 ck_slice_copy(&ck_test_heap, video_config, sizeof video_config));
        send_tag(c, CK_FLV_AUDIO, 0,
                 ck_slice_copy(&ck_test_heap, sound_config, sizeof sound_config));
    }
    for (;;) {
        uint64_t picture_us = (uint64_t)s->pictures * 1000000 / PICTURES_PER_S;
        uint64_t sound_us = (uint64_t)s->sounds * SOUND_US;
        uint64_t at_us = CK_MIN(picture_us, sound_us);
        if (s->began_us + at_us > now_us || c->failed) {
            ck_crowd_flush(c, now_us);
            return s->began_us + at_us;
        }
        if (picture_us <= sound_us) {
            send_picture(s, c, at_us, now_us);
        } else {
            send_sound(s, c, at_us, now_us);
        }
    }
}
