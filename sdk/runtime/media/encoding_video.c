#include "runtime/media/encoding_inside.h"

#include "base/check.h"

#define FIRST_US      3000000 /* a source that gave nothing for so long is shown as black */
#define KEY_REPEAT_US 20000   /* a key frame asked for is made of the last picture after this */
#define FIT_WIDTH     1920
#define FIT_HEIGHT    1080

/* What the thread found to do. */
typedef struct turn {
    bool stop;
    bool muted;
    bool key;                 /* asked for */
    bool change;              /* what is to be shown differs from what was encoded last */
    chalk_video_frame *frame; /* one reference; NULL: nothing new */
    uint64_t capture_us;      /* of `frame`; else now */
    enum ck_rest_act act;     /* without a change: what fell due */
} turn;

/* Until when nothing is done without the source. With the lock held. */
static uint64_t deadline_of(ck_encoding *e, enum ck_rest_act *act)
{
    *act = CK_REST_REPEAT;
    e->rest.config.gop_us = atomic_load(&e->keys_by_time) ? e->config.gop_us : 0;
    if (e->last == NULL && !e->muted && !e->black) {
        return e->last_encoded_at_us + FIRST_US;
    }
    if (e->want_key) {
        return e->last_encoded_at_us + KEY_REPEAT_US;
    }
    if (e->owed) {
        return e->last_encoded_at_us + 2 * CK_US_PER_S / e->config.fps_max;
    }
    return CK_MIN(ck_rest_next_deadline(&e->rest, act), e->last_encoded_at_us + FIRST_US);
}

/* Without a taker nobody knows what was sent last. */
static void begin_anew(ck_encoding *e)
{
    ck_encoding_begin_hint(e);
    const ck_rest_config config = {
        .period_us = CK_US_PER_S / e->config.fps_max,
        .gop_us = e->config.gop_us,
        .bitrate_kbps = e->encoder_config.bitrate_kbps,
        .refines = e->hint == CHALK_HINT_SLIDES,
    };
    ck_rest_init(&e->rest, &config);
    e->last_encoded_at_us = ck_clock_us();
    e->owed = false;
    e->black = false;
}

/* Where there is no encoder yet, it will be opened with the new rate. */
static void apply_bitrate(ck_encoding *e, uint32_t kbps)
{
    if (kbps == 0 || e->encoder == NULL) {
        return;
    }
    int status = e->backend->set_bitrate(e->encoder, kbps);
    e->rest.config.bitrate_kbps = kbps;
    uv_mutex_lock(&e->lock);
    e->stats.bitrate_kbps = status == CHALK_OK ? kbps : e->stats.bitrate_kbps;
    uv_mutex_unlock(&e->lock);
}

static turn wait_for_picture(ck_encoding *e)
{
    turn t = {0};
    uv_mutex_lock(&e->lock);
    while (!e->stop) {
        if (ck_encoding_sleep(e)) {
            begin_anew(e);
        }
        uint64_t now_us = ck_clock_us();
        uint64_t deadline_us = deadline_of(e, &t.act);
        if (e->mailbox != NULL || e->stop || now_us >= deadline_us) {
            break;
        }
        (void)uv_cond_timedwait(&e->wake, &e->lock, (deadline_us - now_us) * 1000);
    }
    t.stop = e->stop;
    t.muted = e->muted;
    t.key = e->want_key;
    uint32_t new_kbps = e->bitrate_changed ? e->bitrate_kbps : 0;
    t.frame = e->mailbox;
    e->mailbox = NULL;
    e->bitrate_changed = false;
    ck_damage_merge(&e->changed, &e->arrived);
    ck_damage_clear(&e->arrived);
    e->moved += e->arrived_moved;
    e->arrived_moved = 0;
    uv_mutex_unlock(&e->lock);
    apply_bitrate(e, new_kbps);
    ck_encoding_watch_time(e);
    bool black = t.muted || (t.frame == NULL && e->last == NULL);
    t.change = e->black != black || e->encoder == NULL || (!black && (t.frame != NULL || e->owed));
    t.act = t.key ? CK_REST_KEY : t.act;
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

static int ready_encoder(ck_encoding *e, const chalk_video_frame *picture)
{
    int status = CHALK_OK;
    if (e->encoder != NULL && picture->info.color != e->encoder_config.color) {
        ck_encoding_close_encoder(e); /* the stream's head names the colour: it begins anew */
    }
    if (e->encoder == NULL) {
        status = ck_encoding_open_encoder(e, picture->info.width, picture->info.height,
                                          picture->info.color);
        e->rest.config.bitrate_kbps = e->encoder_config.bitrate_kbps;
    }
    return status;
}

static int64_t next_pts(const ck_encoding *e, uint64_t capture_us)
{
    return CK_MAX(ck_timeline_pts(e->config.line, capture_us), e->last_pts_us + 1000);
}

/* Of pictures that change, also where key frames are asked for: a newcomer has to decode all since
 * the last one, and a player over HTTP cannot ask. */
static bool gop_is_over(const ck_encoding *e, int64_t pts_us)
{
    int64_t gop_us = (int64_t)e->config.gop_us;
    return gop_us != 0 && e->last_pts_us >= 0 && pts_us - e->last_key_us >= gop_us;
}

static int encode_converted(ck_encoding *e, chalk_video_frame *picture, const turn *t,
                            uint32_t finer, uint64_t *bytes)
{
    bool begins = e->encoder == NULL;
    int status = ready_encoder(e, picture);
    if (status < 0) {
        return status;
    }
    int64_t pts_us = next_pts(e, t->capture_us);
    bool asked = t->act == CK_REST_KEY || t->act == CK_REST_SETTLE;
    bool key = begins || asked || gop_is_over(e, pts_us) || e->last_pts_us < 0;
    if (e->backend->set_finer != NULL) {
        /* A key frame of a picture that changes is soon followed by another. */
        e->backend->set_finer(e->encoder, key && t->change ? 0 : finer);
    }
    status = e->backend->send_video(e->encoder, picture, pts_us, key);
    if (status < 0) {
        return status;
    }
    e->last_pts_us = pts_us;
    return ck_encoding_receive(e, t->capture_us, bytes);
}

/* By how many steps better than the rate says this turn's picture is coded. */
static uint32_t finer_steps(ck_encoding *e, const turn *t, const chalk_video_info *shown,
                            const chalk_video_frame *picture)
{
    if (!t->change) {
        return ck_rest_finer(&e->rest, t->act);
    }
    uint64_t pixels = (uint64_t)shown->width * (uint64_t)shown->height;
    bool partial = !e->black && !e->was_black;
    uint64_t area = partial ? ck_damage_area(&e->changed, shown->width, shown->height) : pixels;
    ck_encoding_watch_picture(e, picture, area, pixels);
    return ck_rest_changed(&e->rest, area, pixels, ck_clock_us());
}

/* Codes the picture of this turn, the last one once more, or black. */
static int encode_picture(ck_encoding *e, const turn *t, uint64_t *bytes)
{
    chalk_video_frame *black = NULL, *picture = NULL;
    chalk_video_frame *in = t->frame != NULL ? t->frame : e->last;
    int status = CHALK_OK;
    e->was_black = e->black;
    e->black = t->muted || in == NULL;
    if (e->black) {
        status = make_black(e, &black);
        in = black;
    }
    if (status == CHALK_OK) {
        status = ensure_converter(e, in);
    }
    if (status == CHALK_OK) {
        status = e->config.codecs->convert(e->converter, in, &e->changed, &picture);
    }
    if (status == CHALK_OK) {
        uint32_t finer = finer_steps(e, t, &in->info, picture);
        if (!e->black) {
            ck_damage_clear(&e->changed); /* the converter has it */
            e->moved = 0;
        }
        status = encode_converted(e, picture, t, finer, bytes);
    }
    chalk_video_frame_unref(&picture);
    chalk_video_frame_unref(&black);
    return status;
}

/* What is due without the encoder, where that can be; BAD_STATE where it cannot. */
static int send_without_encoder(ck_encoding *e, const turn *t, uint64_t *bytes)
{
    bool key = t->act == CK_REST_KEY;
    bool possible = !t->change && t->act != CK_REST_REFINE && t->act != CK_REST_SETTLE &&
                    e->still.able && (!key || e->key_packet.payload.size > 0);
    if (!possible) {
        return CHALK_ERR_BAD_STATE;
    }
    int64_t pts_us = next_pts(e, t->capture_us);
    int status = CHALK_OK;
    /* Two equal key frames in a row would be taken for one. */
    if (!key || e->key_was_last) {
        status = ck_encoding_send_repeat(e, pts_us, t->capture_us, bytes);
        e->last_pts_us = status == CHALK_OK ? pts_us : e->last_pts_us;
    }
    if (key && status == CHALK_OK) {
        pts_us = next_pts(e, t->capture_us);
        status = ck_encoding_send_key_again(e, pts_us, t->capture_us, bytes);
        e->last_pts_us = status == CHALK_OK ? pts_us : e->last_pts_us;
    }
    return status;
}

static void keep_last(ck_encoding *e, chalk_video_frame *frame)
{
    if (frame != NULL) {
        chalk_video_frame_unref(&e->last);
        e->last = frame;
    }
}

/* Tells the core what was sent, and who asked for a key frame that one was. */
static void note_sent(ck_encoding *e, const turn *t, enum ck_rest_act act, uint64_t bytes)
{
    uint64_t now_us = ck_clock_us();
    bool key = e->last_key_us == e->last_pts_us;
    if (t->change) {
        ck_rest_sent_change(&e->rest, key, bytes, now_us);
    } else {
        ck_rest_sent_act(&e->rest, act, key, bytes, now_us);
    }
    uv_mutex_lock(&e->lock);
    e->want_key = e->want_key && !(t->key && key); /* asked for meanwhile: stays */
    uv_mutex_unlock(&e->lock);
}

static void take_turn(ck_encoding *e, turn *t)
{
    uint64_t cpu_us = ck_thread_cpu_us();
    uint64_t bytes = 0;
    enum ck_rest_act act = CK_REST_REPEAT; /* a key frame sent again is no better than it was */
    int status = send_without_encoder(e, t, &bytes);
    if (status == CHALK_ERR_BAD_STATE) {
        act = t->act;
        status = encode_picture(e, t, &bytes);
    }
    if (status == CHALK_OK) {
        note_sent(e, t, act, bytes);
    } else if (e->encoder != NULL) {
        ck_encoding_encoder_failed(e, status);
    } else {
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
    uv_mutex_lock(&e->lock);
    begin_anew(e);
    uv_mutex_unlock(&e->lock);
    for (;;) {
        turn t = wait_for_picture(e);
        if (t.stop) {
            chalk_video_frame_unref(&t.frame);
            return;
        }
        bool unseen = t.frame != NULL && !t.change; /* behind the black of a muted track */
        bool skip = t.frame != NULL && !t.key && too_soon(e, t.capture_us);
        if (unseen) {
            keep_last(e, t.frame);
        } else if (skip || e->hopeless) {
            drop_picture(e, &t);
            keep_last(e, t.frame); /* if nothing follows, it is what has to be seen */
        } else {
            take_turn(e, &t);
        }
    }
}
