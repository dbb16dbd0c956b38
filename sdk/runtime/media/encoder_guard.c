/* The side that waits, but not for ever. */
#include "runtime/media/encoder_guard_inside.h"

#include "chalkrail/runtime.h"

#include "base/time.h"

/* What the owner has. */
struct ck_encoder {
    ck_guard *guard; /* NULL: given up */
    const char *name;
    const ck_log *log;
    ck_slice record; /* the configuration in force */
    ck_packet packets[CK_GUARD_PACKETS_MAX];
    size_t count;
    bool drained;
};

/* Hands one call to the worker and waits. TIMEOUT: it did not come back, now or before. */
static int call(ck_encoder *e, enum ck_guard_verb verb, uint64_t patience_us, ck_guard_result *out)
{
    ck_guard *g = e->guard;
    *out = (ck_guard_result){.status = CHALK_ERR_TIMEOUT};
    if (g == NULL) {
        return CHALK_ERR_TIMEOUT;
    }
    uint64_t now_us = ck_clock_us();
    const uint64_t until_us = now_us + patience_us;
    uv_mutex_lock(&g->lock);
    g->verb = verb;
    uv_cond_signal(&g->changed);
    while (g->verb != CK_VERB_NONE && now_us < until_us) {
        (void)uv_cond_timedwait(&g->changed, &g->lock, (until_us - now_us) * 1000);
        now_us = ck_clock_us();
    }
    g->given_up = g->verb != CK_VERB_NONE;
    bool given_up = g->given_up;
    if (!given_up) {
        *out = g->result;
        g->result = (ck_guard_result){0};
    }
    uv_mutex_unlock(&g->lock);
    if (given_up) {
        e->guard = NULL;
        ck_logf(e->log, CHALK_LOG_ERROR, "encoding", "%s hangs: it is left to itself", e->name);
    }
    return out->status;
}

static int start_worker(const ck_encoder_backend *inner, const ck_encoder_config *config,
                        ck_guard **out)
{
    ck_guard *g = ck_new(&ck_heap, sizeof *g);
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
    if (uv_thread_create(&g->thread, ck_guard_work, g) != 0) {
        ck_guard_free(g);
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
    ck_guard_result r;
    ck_guard *g = e->guard;
    if (call(e, CK_VERB_CLOSE, CK_GUARD_CALL_US, &r) == CHALK_OK) {
        uv_thread_join(&g->thread);
        ck_guard_free(g);
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
    ck_guard_result r = {0};
    int status = start_worker(inner, config, &e->guard);
    if (status == CHALK_OK) {
        status = call(e, CK_VERB_OPEN, CK_GUARD_OPEN_US, &r);
        e->record = r.record;
    }
    if (status < 0) {
        ck_logf(log, CHALK_LOG_WARNING, "encoding", "%s: the trial failed: %s", e->name,
                chalk_error_text(status));
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

static void take_packets(ck_encoder *e, const ck_guard_result *r)
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
    ck_guard_result r;
    /* The count may change through a const frame: pixels and description do not. */
    e->guard->frame = chalk_video_frame_ref((chalk_video_frame *)(uintptr_t)frame);
    e->guard->pts_us = pts_us;
    e->guard->key = key;
    int status = call(e, CK_VERB_SEND, CK_GUARD_CALL_US, &r);
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
    ck_guard_result r;
    e->guard->kbps = kbps;
    return call(e, CK_VERB_BITRATE, CK_GUARD_CALL_US, &r);
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
