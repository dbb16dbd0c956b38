/*
 * One call at a time is handed to the worker: the owner fills `verb` and its arguments, the worker
 * its answer. `lock` guards the first group of a guard's fields; arguments are the worker's while a
 * call is under way. A guard that was given up is the worker's to free.
 */
#include "runtime/media/encoder_guard.h"

#include "base/check.h"
#include "base/time.h"
#include "core/flv/avcc.h"
#include "core/h264/params.h"

#include <uv.h>

#define PACKETS_MAX 4 /* a configuration, a picture, and what a driver held back */

enum verb { VERB_NONE = 0, VERB_OPEN, VERB_SEND, VERB_BITRATE, VERB_CLOSE };

/* What came of a call. */
typedef struct result {
    int status;
    ck_packet packets[PACKETS_MAX];
    size_t count;
    ck_slice record; /* VERB_OPEN */
} result;

typedef struct guard {
    uv_mutex_t lock;
    uv_cond_t changed;
    enum verb verb; /* what is under way; NONE: the worker waits */
    bool given_up;
    result result;

    chalk_video_frame *frame; /* arguments */
    int64_t pts_us;
    bool key;
    uint32_t kbps;

    uv_thread_t thread; /* the owner's to join */

    const ck_encoder_backend *inner; /* the worker's from here on */
    ck_encoder_config config;
    ck_encoder *encoder;
    ck_frame_pool *pool; /* of the trial's picture */
    uint32_t silent;
} guard;

/* What the owner has. */
struct ck_encoder {
    guard *guard; /* NULL: given up */
    const char *name;
    const ck_log *log;
    ck_slice record; /* the configuration in force */
    ck_packet packets[PACKETS_MAX];
    size_t count;
    bool drained;
};

/* --- the worker ------------------------------------------------------------------------------ */

static void drop_result(result *r)
{
    for (size_t i = 0; i < r->count; i++) {
        ck_packet_unref(&r->packets[i]);
    }
    ck_slice_unref(&r->record);
    r->count = 0;
}

static void free_guard(guard *g)
{
    drop_result(&g->result);
    chalk_video_frame_unref(&g->frame);
    ck_frame_pool_destroy(&g->pool);
    uv_cond_destroy(&g->changed);
    uv_mutex_destroy(&g->lock);
    ck_free(&ck_heap, g);
}

static int receive_all(guard *g, result *r, bool *pictured)
{
    int status = CHALK_OK;
    while (status == CHALK_OK && r->count < PACKETS_MAX) {
        ck_packet *packet = &r->packets[r->count];
        status = g->inner->receive(g->encoder, packet);
        if (status == CHALK_OK) {
            *pictured = *pictured || !packet->config;
            r->count++;
        }
    }
    return status == CHALK_OK || status == CHALK_ERR_AGAIN ? CHALK_OK : status;
}

static int encode(guard *g, const chalk_video_frame *frame, int64_t pts_us, bool key, result *r)
{
    bool pictured = false;
    int status = g->inner->send_video(g->encoder, frame, pts_us, key);
    if (status == CHALK_OK) {
        status = receive_all(g, r, &pictured);
    }
    g->silent = pictured ? 0 : g->silent + 1;
    return status == CHALK_OK && g->silent > CK_GUARD_SILENT_MAX ? CHALK_ERR_CODEC : status;
}

static int read_record(guard *g, result *r)
{
    ck_encoder_info info;
    int status = g->inner->info(g->encoder, &info);
    if (status == CHALK_OK) {
        r->record = ck_slice_ref(info.config);
    }
    return status;
}

/* What a player would make of it. */
static bool states_the_size(const guard *g, ck_slice config)
{
    ck_avcc record;
    ck_h264_sps sps;
    return ck_avcc_parse(config.data, config.size, &record) == CHALK_OK &&
           ck_h264_parse_sps(record.sps[0].data, record.sps[0].size, &sps) == CHALK_OK &&
           (int32_t)sps.width == g->config.width && (int32_t)sps.height == g->config.height;
}

/* A black picture must come out at once, as a key frame. What came out is not sent to anybody. */
static int try_picture(guard *g, chalk_video_frame *black)
{
    result trial = {0};
    ck_frame_blacken(black);
    black->info.color = g->config.color;
    int status = encode(g, black, 0, true, &trial);
    const ck_packet *last = trial.count > 0 ? &trial.packets[trial.count - 1] : NULL;
    bool good = last != NULL && last->key && !last->config && last->payload.size > 0;
    drop_result(&trial);
    return status == CHALK_OK && !good ? CHALK_ERR_CODEC : status;
}

static int try_out(guard *g, result *r)
{
    chalk_video_frame *black = NULL;
    int status = ck_frame_pool_create(1, &g->pool);
    if (status == CHALK_OK) {
        status = ck_frame_pool_take(g->pool, CHALK_PIXEL_I420, g->config.width, g->config.height,
                                    &black);
    }
    if (status == CHALK_OK) {
        status = try_picture(g, black);
    }
    chalk_video_frame_unref(&black);
    if (status == CHALK_OK) {
        status = read_record(g, r);
    }
    return status == CHALK_OK && !states_the_size(g, r->record) ? CHALK_ERR_CODEC : status;
}

static int carry_out(guard *g, enum verb verb, result *r)
{
    int status = CHALK_OK;
    switch (verb) {
    case VERB_OPEN:
        status = g->inner->open(&g->config, NULL, &g->encoder);
        return status == CHALK_OK ? try_out(g, r) : status;
    case VERB_SEND:
        return encode(g, g->frame, g->pts_us, g->key, r);
    case VERB_BITRATE:
        return g->inner->set_bitrate(g->encoder, g->kbps);
    default:
        if (g->encoder != NULL) {
            g->inner->close(&g->encoder);
        }
        return CHALK_OK;
    }
}

static enum verb wait_for_call(guard *g)
{
    uv_mutex_lock(&g->lock);
    while (g->verb == VERB_NONE) {
        uv_cond_wait(&g->changed, &g->lock);
    }
    enum verb verb = g->verb;
    uv_mutex_unlock(&g->lock);
    return verb;
}

/* Returns whether somebody still waits for it. */
static bool answer(guard *g, const result *r)
{
    uv_mutex_lock(&g->lock);
    g->result = *r; /* the owner has taken what was there before */
    g->verb = VERB_NONE;
    bool wanted = !g->given_up;
    uv_cond_signal(&g->changed);
    uv_mutex_unlock(&g->lock);
    return wanted;
}

static void work(void *arg)
{
    guard *g = arg;
    enum verb verb = VERB_NONE;
    bool wanted = true;
    ck_thread_name("chalk-driver");
    while (wanted && verb != VERB_CLOSE) {
        verb = wait_for_call(g);
        result r = {0};
        r.status = carry_out(g, verb, &r);
        chalk_video_frame_unref(&g->frame);
        wanted = answer(g, &r);
    }
    if (!wanted) {
        (void)carry_out(g, VERB_CLOSE, NULL); /* touches no result */
        ck_thread_detach_self();
        free_guard(g);
    }
}

/* --- the owner ------------------------------------------------------------------------------- */

/* Hands one call to the worker and waits. TIMEOUT: it did not come back, now or before. */
static int call(ck_encoder *e, enum verb verb, uint64_t patience_us, result *out)
{
    guard *g = e->guard;
    *out = (result){.status = CHALK_ERR_TIMEOUT};
    if (g == NULL) {
        return CHALK_ERR_TIMEOUT;
    }
    uint64_t now_us = ck_clock_us();
    const uint64_t until_us = now_us + patience_us;
    uv_mutex_lock(&g->lock);
    g->verb = verb;
    uv_cond_signal(&g->changed);
    while (g->verb != VERB_NONE && now_us < until_us) {
        (void)uv_cond_timedwait(&g->changed, &g->lock, (until_us - now_us) * 1000);
        now_us = ck_clock_us();
    }
    g->given_up = g->verb != VERB_NONE;
    bool given_up = g->given_up;
    if (!given_up) {
        *out = g->result;
        g->result = (result){0};
    }
    uv_mutex_unlock(&g->lock);
    if (given_up) {
        e->guard = NULL;
        ck_logf(e->log, 1, "encoding", "%s hangs: it is left to itself", e->name);
    }
    return out->status;
}

static int start_worker(const ck_encoder_backend *inner, const ck_encoder_config *config,
                        guard **out)
{
    guard *g = ck_new(&ck_heap, sizeof *g);
    if (g == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    g->inner = inner;
    g->config = *config;
    if (uv_mutex_init(&g->lock) != 0) {
        ck_free(&ck_heap, g);
        return CHALK_ERR_LIMIT;
    }
    if (uv_cond_init(&g->changed) != 0) {
        uv_mutex_destroy(&g->lock);
        ck_free(&ck_heap, g);
        return CHALK_ERR_LIMIT;
    }
    if (uv_thread_create(&g->thread, work, g) != 0) {
        free_guard(g);
        return CHALK_ERR_LIMIT;
    }
    *out = g;
    return CHALK_OK;
}

static void guard_close(ck_encoder **encoder)
{
    ck_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    *encoder = NULL;
    result r;
    guard *g = e->guard;
    if (call(e, VERB_CLOSE, CK_GUARD_CALL_US, &r) == CHALK_OK) {
        uv_thread_join(&g->thread);
        free_guard(g);
    }
    for (size_t i = 0; i < e->count; i++) {
        ck_packet_unref(&e->packets[i]);
    }
    ck_slice_unref(&e->record);
    ck_free(&ck_heap, e);
}

int ck_encoder_guard_open(const ck_encoder_backend *inner, const ck_encoder_config *config,
                          const ck_log *log, ck_encoder **out)
{
    *out = NULL;
    ck_encoder *e = ck_new(&ck_heap, sizeof *e);
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    e->name = inner->name;
    e->log = log;
    result r = {0};
    int status = start_worker(inner, config, &e->guard);
    if (status == CHALK_OK) {
        status = call(e, VERB_OPEN, CK_GUARD_OPEN_US, &r);
        e->record = r.record;
    }
    if (status < 0) {
        ck_logf(log, 2, "encoding", "%s: the trial failed: %s", e->name, chalk_error_text(status));
        guard_close(&e);
        return status;
    }
    *out = e;
    return CHALK_OK;
}

static int guard_open(const ck_encoder_config *config, const ck_log *log, ck_encoder **out)
{
    (void)config;
    (void)log;
    *out = NULL;
    return CHALK_ERR_UNSUPPORTED;
}

static int guard_info(ck_encoder *e, ck_encoder_info *info)
{
    *info = (ck_encoder_info){.name = e->name, .config = e->record};
    return CHALK_OK;
}

static void take_packets(ck_encoder *e, const result *r)
{
    for (size_t i = 0; i < r->count; i++) {
        e->packets[e->count++] = r->packets[i]; /* all were received before: there is room */
        if (r->packets[i].config) {
            ck_slice_unref(&e->record);
            e->record = ck_slice_ref(r->packets[i].payload);
        }
    }
}

static int guard_send(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    if (e->drained) {
        return CHALK_ERR_BAD_STATE;
    }
    if (e->count > 0) {
        return CHALK_ERR_AGAIN;
    }
    if (e->guard == NULL) {
        return CHALK_ERR_TIMEOUT;
    }
    result r;
    /* The count may change through a const frame: pixels and description do not. */
    e->guard->frame = chalk_video_frame_ref((chalk_video_frame *)(uintptr_t)frame);
    e->guard->pts_us = pts_us;
    e->guard->key = key;
    int status = call(e, VERB_SEND, CK_GUARD_CALL_US, &r);
    take_packets(e, &r);
    return status;
}

static int guard_send_audio(ck_encoder *e, const ck_audio_block *block)
{
    (void)e;
    (void)block;
    return CHALK_ERR_UNSUPPORTED;
}

static int guard_drain(ck_encoder *e)
{
    e->drained = true; /* one picture in, one out: nothing is ever held back */
    return CHALK_OK;
}

static int guard_receive(ck_encoder *e, ck_packet *out)
{
    if (e->count == 0) {
        return e->drained ? CHALK_ERR_END : CHALK_ERR_AGAIN;
    }
    *out = e->packets[0];
    e->count--;
    for (size_t i = 0; i < e->count; i++) {
        e->packets[i] = e->packets[i + 1];
    }
    return CHALK_OK;
}

static int guard_set_bitrate(ck_encoder *e, uint32_t kbps)
{
    if (e->guard == NULL) {
        return CHALK_ERR_TIMEOUT;
    }
    result r;
    e->guard->kbps = kbps;
    return call(e, VERB_BITRATE, CK_GUARD_CALL_US, &r);
}

const ck_encoder_backend ck_encoder_guard = {
    .name = "guard",
    .codec = CHALK_CODEC_H264,
    .open = guard_open,
    .info = guard_info,
    .send_video = guard_send,
    .send_audio = guard_send_audio,
    .drain = guard_drain,
    .receive = guard_receive,
    .set_bitrate = guard_set_bitrate,
    .close = guard_close,
};
