#include "runtime/media/encoding_inside.h"

#include "base/check.h"
#include "core/h264/rewrite.h"
#include "core/h264/stamp.h"

#include <string.h>

#define REPEAT_US     1000000 /* without a new picture the last one is sent again */
#define FIRST_US      3000000 /* a source that gave nothing for so long is shown as black */
#define REFINE_US     200000  /* a slide that rests so long is sent again, better */
#define KEY_REPEAT_US 20000   /* a key frame asked for is made of the last picture after this */
#define STAMP_US      1000000 /* room time at least this often while pictures flow */
#define FIT_WIDTH     1920
#define FIT_HEIGHT    1080
#define UNIT_MAX      (8u << 20)

/* What the thread found to do. */
typedef struct turn {
    bool stop;
    bool muted;
    bool key;
    uint32_t new_bitrate;     /* 0: unchanged */
    chalk_video_frame *frame; /* one reference; NULL: repeat the last */
    uint64_t capture_us;      /* of `frame`; a repeated picture is taken now */
} turn;

/* How long after the last picture one is made without the source. */
static uint64_t patience_us(const ck_encoding *e)
{
    if (e->last == NULL && !e->muted) {
        return FIRST_US;
    }
    uint64_t two_periods = 2 * CK_US_PER_S / e->config.fps_max;
    return e->want_key ? KEY_REPEAT_US : e->owed ? two_periods : e->coarse ? REFINE_US : REPEAT_US;
}

static turn wait_for_picture(ck_encoding *e)
{
    uv_mutex_lock(&e->lock);
    while (!e->stop) {
        if (ck_encoding_sleep(e)) {
            e->last_encoded_at_us = ck_clock_us();
            e->owed = false;
        }
        uint64_t idle = ck_clock_us() - e->last_encoded_at_us;
        uint64_t patience = patience_us(e);
        if (e->mailbox != NULL || e->stop || idle >= patience) {
            break;
        }
        (void)uv_cond_timedwait(&e->wake, &e->lock, (patience - idle) * 1000);
    }
    turn t = {
        .stop = e->stop,
        .muted = e->muted,
        .key = e->want_key,
        .new_bitrate = e->bitrate_changed ? e->bitrate_kbps : 0,
        .frame = e->mailbox,
    };
    e->mailbox = NULL;
    e->bitrate_changed = false;
    uv_mutex_unlock(&e->lock);
    uint64_t now_us = ck_clock_us();
    t.capture_us =
        t.frame != NULL ? ck_encoding_capture_us(t.frame->info.capture_us, now_us) : now_us;
    return t;
}

static void drop_picture(ck_encoding *e, const turn *t)
{
    e->last_encoded_at_us = e->hopeless ? ck_clock_us() : e->last_encoded_at_us;
    e->owed = !e->hopeless;
    uv_mutex_lock(&e->lock);
    e->stats.frames_dropped += t->frame != NULL;
    e->want_key = e->want_key && !e->hopeless;
    uv_mutex_unlock(&e->lock);
}

/* Whether a picture comes too soon after the last for the wanted frame rate. The grid moves with
 * the pictures: a source at the same rate with jitter loses none. */
static bool too_soon(ck_encoding *e, uint64_t capture_us)
{
    uint64_t period = CK_US_PER_S / e->config.fps_max;
    if (capture_us + period / 4 < e->next_frame_us) {
        return true;
    }
    bool far = capture_us > e->next_frame_us + period;
    e->next_frame_us = (far ? capture_us : e->next_frame_us) + period;
    return false;
}

static void choose_size(const ck_encoding *e, const chalk_video_info *in, int32_t *width,
                        int32_t *height)
{
    *width = e->config.width;
    *height = e->config.height;
    if (*width != 0) {
        return;
    }
    int64_t w = in->width, h = in->height;
    if (w > FIT_WIDTH || h > FIT_HEIGHT) {
        bool wide = w * FIT_HEIGHT > h * FIT_WIDTH;
        int64_t fit_w = wide ? FIT_WIDTH : w * FIT_HEIGHT / h;
        h = wide ? h * FIT_WIDTH / w : FIT_HEIGHT;
        w = fit_w;
    }
    *width = (int32_t)CK_MAX(w & ~1, 16);
    *height = (int32_t)CK_MAX(h & ~1, 16);
}

static int ensure_converter(ck_encoding *e, const chalk_video_frame *frame)
{
    if (e->converter != NULL) {
        return CHALK_OK;
    }
    int32_t width, height;
    choose_size(e, &frame->info, &width, &height);
    int status = e->config.codecs->converter_open(width, height, &e->converter);
    e->encoder_config.width = width;
    e->encoder_config.height = height;
    return status;
}

static int make_black(ck_encoding *e, chalk_video_frame **out)
{
    int32_t width = e->encoder_config.width != 0 ? e->encoder_config.width : e->config.width;
    int32_t height = e->encoder_config.height != 0 ? e->encoder_config.height : e->config.height;
    width = width != 0 ? width : 1280;
    height = height != 0 ? height : 720;
    if (e->blacks == NULL) {
        int status = ck_frame_pool_create(1, &e->blacks);
        if (status < 0) {
            return status;
        }
    }
    int status = ck_frame_pool_take(e->blacks, CHALK_PIXEL_I420, width, height, out);
    if (status < 0) {
        return status;
    }
    ck_frame_blacken(*out);
    (*out)->info.color =
        e->encoder_config.color != 0 ? e->encoder_config.color : CHALK_COLOR_BT601_LIMITED;
    return CHALK_OK;
}

/* The access unit with a room-time stamp in it, where one is due. */
static void stamp_packet(ck_encoding *e, ck_packet *packet)
{
    bool due = packet->key || packet->pts_us - e->last_stamp_us >= STAMP_US;
    if (!e->config.stamps || packet->codec != CHALK_CODEC_H264 || !due) {
        return;
    }
    uint64_t age_us = ck_clock_us() - packet->capture_us;
    const ck_h264_stamp stamp = {
        .media_us = (uint64_t)packet->pts_us,
        .room_us = ck_wall_us() - age_us,
        .flags = CK_H264_STAMP_LOCAL_CLOCK,
    };
    ck_buf sei, unit;
    ck_buf_init(&sei, &ck_heap, 256);
    ck_buf_init(&unit, &ck_heap, UNIT_MAX);
    int status = ck_h264_stamp_write(&sei, &stamp);
    if (status == CHALK_OK) {
        const ck_h264_rewrite how = {
            .from = CK_H264_AVCC_4, .to = CK_H264_AVCC_4, .sei = {sei.data, sei.size}};
        status = ck_h264_rewrite_unit(&how, packet->payload.data, packet->payload.size, &unit);
    }
    ck_slice stamped = status >= 0 ? ck_slice_copy(&ck_heap, unit.data, unit.size) : (ck_slice){0};
    if (stamped.data != NULL) {
        ck_slice_unref(&packet->payload);
        packet->payload = stamped;
        e->last_stamp_us = packet->pts_us;
    } else {
        ck_logf(e->config.log, 2, "encoding", "a picture goes without its room time: %s",
                chalk_error_text(status < 0 ? status : CHALK_ERR_NO_MEMORY));
    }
    ck_buf_free(&sei);
    ck_buf_free(&unit);
}

static int receive_packets(ck_encoding *e, uint64_t capture_us)
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
        packet.capture_us = capture_us;
        if (!packet.config) {
            stamp_packet(e, &packet);
            uv_mutex_lock(&e->lock);
            e->stats.frames_encoded++;
            e->stats.key_frames += packet.key;
            e->stats.bytes_encoded += packet.payload.size;
            uv_mutex_unlock(&e->lock);
        }
        ck_encoding_hand_out(e, &packet);
        ck_packet_unref(&packet);
    }
}

static int encode_converted(ck_encoding *e, chalk_video_frame *picture, const turn *t)
{
    int status = CHALK_OK;
    if (e->encoder != NULL && picture->info.color != e->encoder_config.color) {
        ck_encoding_close_encoder(e); /* the stream's head names the colour: it begins anew */
    }
    bool begins = e->encoder == NULL;
    if (begins) {
        status = ck_encoding_open_encoder(e, picture->info.width, picture->info.height,
                                          picture->info.color);
        if (status < 0) {
            return status;
        }
    }
    if (t->new_bitrate != 0) {
        status = e->backend->set_bitrate(e->encoder, t->new_bitrate);
        uv_mutex_lock(&e->lock);
        e->stats.bitrate_kbps = status == CHALK_OK ? t->new_bitrate : e->stats.bitrate_kbps;
        uv_mutex_unlock(&e->lock);
    }
    int64_t pts = CK_MAX(ck_timeline_pts(e->config.line, t->capture_us), e->last_pts_us + 1000);
    bool gop_over = e->config.gop_us != 0 && e->last_pts_us >= 0 &&
                    pts - e->last_key_us >= (int64_t)e->config.gop_us;
    bool key = begins || t->key || gop_over || e->last_pts_us < 0;
    status = e->backend->send_video(e->encoder, picture, pts, key);
    if (status < 0) {
        return status;
    }
    e->last_pts_us = pts;
    if (key) {
        e->last_key_us = pts;
        uv_mutex_lock(&e->lock);
        e->want_key = e->want_key && !t->key; /* asked for meanwhile: stays */
        uv_mutex_unlock(&e->lock);
    }
    return receive_packets(e, t->capture_us);
}

static int encode_picture(ck_encoding *e, const turn *t)
{
    chalk_video_frame *black = NULL, *picture = NULL;
    chalk_video_frame *in = t->frame != NULL ? t->frame : e->last;
    int status = CHALK_OK;
    if (t->muted || in == NULL) {
        status = make_black(e, &black);
        in = black;
    }
    if (status == CHALK_OK) {
        status = ensure_converter(e, in);
    }
    if (status == CHALK_OK) {
        status = e->config.codecs->convert(e->converter, in, &picture);
    }
    if (status == CHALK_OK && t->frame == NULL && picture != in) {
        ck_frame_set_still(picture);
    }
    if (status == CHALK_OK) {
        status = encode_converted(e, picture, t);
        bool still = t->frame == NULL || ck_frame_is_still(t->frame);
        e->coarse = e->config.hint == CHALK_HINT_SLIDES && !still;
    }
    chalk_video_frame_unref(&picture);
    chalk_video_frame_unref(&black);
    return status;
}

static void keep_last(ck_encoding *e, chalk_video_frame *frame)
{
    if (frame != NULL) {
        chalk_video_frame_unref(&e->last);
        e->last = frame;
    }
}

static void take_turn(ck_encoding *e, turn *t)
{
    uint64_t cpu_us = ck_thread_cpu_us();
    int status = encode_picture(e, t);
    if (status < 0 && e->encoder != NULL) {
        ck_encoding_encoder_failed(e, status);
    } else if (status < 0) {
        ck_logf(e->config.log, 2, "encoding", "a picture is lost: %s", chalk_error_text(status));
    }
    e->last_encoded_at_us = ck_clock_us();
    e->owed = false;
    uv_mutex_lock(&e->lock);
    e->stats.encode_us += ck_thread_cpu_us() - cpu_us;
    uv_mutex_unlock(&e->lock);
    keep_last(e, t->frame);
}

void ck_encoding_run_video(ck_encoding *e)
{
    e->last_encoded_at_us = ck_clock_us();
    for (;;) {
        turn t = wait_for_picture(e);
        if (t.stop) {
            chalk_video_frame_unref(&t.frame);
            return;
        }
        bool skip = t.frame != NULL && !t.key && too_soon(e, t.capture_us);
        if (skip || e->hopeless) {
            drop_picture(e, &t);
            keep_last(e, t.frame); /* if nothing follows, it is what has to be seen */
        } else {
            take_turn(e, &t);
        }
    }
}
