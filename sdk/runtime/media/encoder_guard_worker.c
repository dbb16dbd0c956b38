/* The thread of a guard, in which the driver runs. */
#include "runtime/media/encoder_guard_inside.h"

#include "base/time.h"
#include "core/flv/avcc.h"
#include "core/h264/params.h"

static void drop_result(ck_guard_result *r)
{
    for (size_t i = 0; i < r->count; i++) {
        ck_packet_unref(&r->packets[i]);
    }
    ck_slice_unref(&r->record);
    r->count = 0;
}

void ck_guard_free(ck_guard *g)
{
    drop_result(&g->result);
    chalk_video_frame_unref(&g->frame);
    ck_frame_pool_destroy(&g->pool);
    uv_cond_destroy(&g->changed);
    uv_mutex_destroy(&g->lock);
    ck_free(&ck_heap, g);
}

static int receive_all(ck_guard *g, ck_guard_result *r, bool *pictured)
{
    int status = CHALK_OK;
    while (status == CHALK_OK && r->count < CK_GUARD_PACKETS_MAX) {
        ck_packet *packet = &r->packets[r->count];
        status = g->inner->receive(g->encoder, packet);
        if (status == CHALK_OK) {
            *pictured = *pictured || !packet->config;
            r->count++;
        }
    }
    return status == CHALK_OK || status == CHALK_ERR_AGAIN ? CHALK_OK : status;
}

static int encode(ck_guard *g, const chalk_video_frame *frame, int64_t pts_us, bool key,
                  ck_guard_result *r)
{
    bool pictured = false;
    int status = g->inner->send_video(g->encoder, frame, pts_us, key);
    if (status == CHALK_OK) {
        status = receive_all(g, r, &pictured);
    }
    g->silent = pictured ? 0 : g->silent + 1;
    return status == CHALK_OK && g->silent > CK_GUARD_SILENT_MAX ? CHALK_ERR_CODEC : status;
}

static int read_record(ck_guard *g, ck_guard_result *r)
{
    ck_encoder_info info;
    int status = g->inner->info(g->encoder, &info);
    if (status == CHALK_OK) {
        r->record = ck_slice_ref(info.config);
    }
    return status;
}

/* What a player would make of it. */
static bool states_the_size(const ck_guard *g, ck_slice config)
{
    ck_avcc record;
    ck_h264_sps sps;
    return ck_avcc_parse(config.data, config.size, &record) == CHALK_OK &&
           ck_h264_parse_sps(record.sps[0].data, record.sps[0].size, &sps) == CHALK_OK &&
           (int32_t)sps.width == g->config.width && (int32_t)sps.height == g->config.height;
}

/* A black picture must come out at once, as a key frame. What came out is not sent to anybody. */
static int try_picture(ck_guard *g, chalk_video_frame *black)
{
    ck_guard_result trial = {0};
    ck_frame_blacken(black);
    black->info.color = g->config.color;
    int status = encode(g, black, 0, true, &trial);
    const ck_packet *last = trial.count > 0 ? &trial.packets[trial.count - 1] : NULL;
    bool good = last != NULL && last->key && !last->config && last->payload.size > 0;
    drop_result(&trial);
    return status == CHALK_OK && !good ? CHALK_ERR_CODEC : status;
}

static int try_out(ck_guard *g, ck_guard_result *r)
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

static int carry_out(ck_guard *g, enum ck_guard_verb verb, ck_guard_result *r)
{
    int status = CHALK_OK;
    switch (verb) {
    case CK_VERB_OPEN:
        status = g->inner->open(&g->config, NULL, &g->encoder);
        return status == CHALK_OK ? try_out(g, r) : status;
    case CK_VERB_SEND:
        return encode(g, g->frame, g->pts_us, g->key, r);
    case CK_VERB_BITRATE:
        return g->inner->set_bitrate(g->encoder, g->kbps);
    default:
        if (g->encoder != NULL) {
            g->inner->close(&g->encoder);
        }
        return CHALK_OK;
    }
}

static enum ck_guard_verb wait_for_call(ck_guard *g)
{
    uv_mutex_lock(&g->lock);
    while (g->verb == CK_VERB_NONE) {
        uv_cond_wait(&g->changed, &g->lock);
    }
    enum ck_guard_verb verb = g->verb;
    uv_mutex_unlock(&g->lock);
    return verb;
}

/* Returns whether somebody still waits for it. */
static bool answer(ck_guard *g, const ck_guard_result *r)
{
    uv_mutex_lock(&g->lock);
    g->result = *r; /* the owner has taken what was there before */
    g->verb = CK_VERB_NONE;
    bool wanted = !g->given_up;
    uv_cond_signal(&g->changed);
    uv_mutex_unlock(&g->lock);
    return wanted;
}

void ck_guard_work(void *arg)
{
    ck_guard *g = arg;
    enum ck_guard_verb verb = CK_VERB_NONE;
    bool wanted = true;
    ck_thread_name("chalk-driver");
    while (wanted && verb != CK_VERB_CLOSE) {
        verb = wait_for_call(g);
        ck_guard_result r = {0};
        r.status = carry_out(g, verb, &r);
        chalk_video_frame_unref(&g->frame);
        wanted = answer(g, &r);
    }
    if (!wanted) {
        (void)carry_out(g, CK_VERB_CLOSE, NULL); /* touches no result */
        ck_thread_detach_self();
        ck_guard_free(g);
    }
}
