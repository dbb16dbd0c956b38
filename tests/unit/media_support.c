#include "media_support.h"

#include "core/h264/rewrite.h"
#include "core/h264/stamp.h"
#include "platform/synthetic/picture.h"
#include "runtime/media/tags.h"
#include "support/check.h"
#include "support/marks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BLOCK   480
#define TWO_PI  6.283185307179586
#define TONE_HZ 317 /* no whole number of periods in a block: a cut is heard */

static const ck_encoder_backend *encoder_of(uint32_t codec)
{
    for (size_t i = 0; ck_codecs.encoders[i] != NULL; i++) {
        if (ck_codecs.encoders[i]->codec == codec) {
            return ck_codecs.encoders[i];
        }
    }
    CK_FAIL("no encoder");
    return NULL;
}

static ck_packet config_of(const ck_encoder_backend *backend, ck_encoder *e, uint32_t codec)
{
    ck_encoder_info info;
    CK_CHECK_EQ(backend->info(e, &info), CHALK_OK);
    return (ck_packet){
        .codec = codec, .key = true, .config = true, .payload = ck_slice_ref(info.config)};
}

static void stamp(ck_packet *packet)
{
    const ck_h264_stamp pair = {.media_us = (uint64_t)packet->pts_us,
                                .room_us = MATERIAL_ROOM_US + (uint64_t)packet->pts_us};
    ck_buf sei, unit;
    ck_buf_init(&sei, &ck_heap, 256);
    ck_buf_init(&unit, &ck_heap, 1u << 20);
    CK_CHECK_EQ(ck_h264_stamp_write(&sei, &pair), CHALK_OK);
    const ck_h264_rewrite how = {
        .from = CK_H264_AVCC_4, .to = CK_H264_AVCC_4, .sei = {sei.data, sei.size}};
    CK_CHECK(ck_h264_rewrite_unit(&how, packet->payload.data, packet->payload.size, &unit) > 0);
    ck_slice_unref(&packet->payload);
    packet->payload = ck_slice_copy(&ck_heap, unit.data, unit.size);
    CK_CHECK(packet->payload.data != NULL);
    ck_buf_free(&sei);
    ck_buf_free(&unit);
}

static void collect(const ck_encoder_backend *backend, ck_encoder *e, ck_packet *list,
                    size_t *count)
{
    ck_packet packet;
    while (backend->receive(e, &packet) == CHALK_OK) {
        if (packet.pts_us < 0) {
            ck_packet_unref(&packet); /* the encoder's priming */
            continue;
        }
        CK_CHECK(*count < MATERIAL_PACKETS);
        if (packet.codec == CHALK_CODEC_H264 && packet.key) {
            stamp(&packet);
        }
        list[(*count)++] = packet;
    }
}

static void make_pictures(material *m, int32_t width, int32_t height, int seconds)
{
    const ck_encoder_backend *backend = encoder_of(CHALK_CODEC_H264);
    const ck_encoder_config config = {
        .codec = CHALK_CODEC_H264,
        .hint = CHALK_HINT_MOTION,
        .width = width,
        .height = height,
        .color = CHALK_COLOR_BT601_LIMITED,
        .fps_max = MATERIAL_FPS,
        .bitrate_kbps = 800,
    };
    ck_encoder *e = NULL;
    ck_picture drawing;
    ck_frame_pool *pool = NULL;
    CK_CHECK_EQ(backend->open(&config, NULL, &e), CHALK_OK);
    CK_CHECK_EQ(ck_picture_init(&drawing, width, height), CHALK_OK);
    CK_CHECK_EQ(ck_frame_pool_create(4, &pool), CHALK_OK);
    m->video_config = config_of(backend, e, CHALK_CODEC_H264);
    for (int n = 0; n < seconds * MATERIAL_FPS; n++) {
        int64_t pts_us = (int64_t)n * MATERIAL_PICTURE_US;
        chalk_video_frame *frame = NULL;
        CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_I420, width, height, &frame), CHALK_OK);
        ck_picture_draw(&drawing, frame, (uint64_t)n, MATERIAL_ROOM_US + (uint64_t)pts_us);
        CK_CHECK_EQ(backend->send_video(e, frame, pts_us, n % MATERIAL_FPS == 0), CHALK_OK);
        chalk_video_frame_unref(&frame);
        collect(backend, e, m->video, &m->video_count);
    }
    CK_CHECK_EQ(m->video_count, (size_t)seconds * MATERIAL_FPS);
    ck_frame_pool_destroy(&pool);
    ck_picture_free(&drawing);
    backend->close(&e);
}

static void make_sound(material *m, int seconds)
{
    const ck_encoder_backend *backend = encoder_of(CHALK_CODEC_AAC);
    const ck_encoder_config config = {.codec = CHALK_CODEC_AAC,
                                      .hint = CHALK_HINT_VOICE,
                                      .bitrate_kbps = 96,
                                      .rate = 48000,
                                      .channels = 1};
    ck_encoder *e = NULL;
    CK_CHECK_EQ(backend->open(&config, NULL, &e), CHALK_OK);
    m->audio_config = config_of(backend, e, CHALK_CODEC_AAC);
    for (int b = 0; b < seconds * 100; b++) {
        float samples[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            double t = (double)i / 48000, all = b * 0.01 + t;
            bool click = b % 100 == 0 && i < 240;
            samples[i] =
                (float)(click ? 0.5 * cos(TWO_PI * 2000 * t) : 0.02 * sin(TWO_PI * TONE_HZ * all));
        }
        const ck_audio_block block = {.samples = samples,
                                      .frames = BLOCK,
                                      .rate = 48000,
                                      .channels = 1,
                                      .pts_us = (int64_t)b * 10000};
        CK_CHECK_EQ(backend->send_audio(e, &block), CHALK_OK);
        collect(backend, e, m->audio, &m->audio_count);
    }
    backend->close(&e);
}

void material_make(material *m, int32_t width, int32_t height, int seconds)
{
    memset(m, 0, sizeof *m);
    make_pictures(m, width, height, seconds);
    make_sound(m, seconds);
}

void material_free(material *m)
{
    ck_packet_unref(&m->video_config);
    ck_packet_unref(&m->audio_config);
    for (size_t i = 0; i < m->video_count; i++) {
        ck_packet_unref(&m->video[i]);
    }
    for (size_t i = 0; i < m->audio_count; i++) {
        ck_packet_unref(&m->audio[i]);
    }
}

ck_flv_tag material_tag(const ck_packet *packet, int64_t shift_us)
{
    ck_packet moved = *packet;
    moved.pts_us += shift_us;
    moved.dts_us += shift_us;
    ck_flv_tag tag;
    CK_CHECK_EQ(ck_tag_of_packet(&moved, &tag), CHALK_OK);
    return tag;
}

static ck_marks_view view_of(const chalk_video_frame *frame)
{
    return (ck_marks_view){frame->info.planes[0], frame->info.strides[0], frame->info.width,
                           frame->info.height, 0};
}

bool material_read(const chalk_video_frame *frame, uint64_t *number, uint64_t *room_us)
{
    ck_marks_view view = view_of(frame);
    return ck_marks_read(&view, number, room_us);
}

int material_flash(const chalk_video_frame *frame)
{
    ck_marks_view view = view_of(frame);
    return ck_marks_flash(&view);
}

void media_sleep_until(uint64_t clock_us)
{
    uint64_t now_us = ck_clock_us();
    if (clock_us > now_us) {
        uint64_t left = clock_us - now_us;
        nanosleep(&(struct timespec){(time_t)(left / 1000000), (long)(left % 1000000) * 1000},
                  NULL);
    }
}

bool media_wait(bool (*condition)(void *arg), void *arg, int ms)
{
    uint64_t limit_us = ck_clock_us() + (uint64_t)ck_test_patience_ms(ms) * 1000;
    while (!condition(arg)) {
        if (ck_clock_us() > limit_us) {
            return false;
        }
        media_sleep_until(ck_clock_us() + 2000);
    }
    return true;
}
