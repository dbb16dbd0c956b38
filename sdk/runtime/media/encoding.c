#include "runtime/media/encoding_inside.h"

#include "base/check.h"

#include <string.h>

/* Capture times further from now than this are a source's mistake. */
#define AHEAD_US  100000
#define BEHIND_US 1000000

void ck_timeline_begin(ck_timeline *line, uint64_t now_us)
{
    uint_fast64_t unset = 0;
    (void)atomic_compare_exchange_strong(&line->origin_us, &unset, now_us);
}

int64_t ck_timeline_pts(const ck_timeline *line, uint64_t capture_us)
{
    uint64_t origin = atomic_load(&line->origin_us);
    return capture_us > origin ? (int64_t)(capture_us - origin) : 0;
}

static void run(void *arg)
{
    ck_encoding *e = arg;
    if (e->config.media == CHALK_MEDIA_VIDEO) {
        ck_thread_name("chalk-encode-v");
        ck_encoding_run_video(e);
    } else {
        ck_thread_name("chalk-encode-a");
        ck_encoding_run_audio(e);
    }
}

static int init_locks(ck_encoding *e)
{
    if (uv_mutex_init(&e->lock) != 0) {
        return CHALK_ERR_LIMIT;
    }
    if (uv_mutex_init(&e->takers_lock) != 0) {
        uv_mutex_destroy(&e->lock);
        return CHALK_ERR_LIMIT;
    }
    if (uv_cond_init(&e->wake) != 0) {
        uv_mutex_destroy(&e->takers_lock);
        uv_mutex_destroy(&e->lock);
        return CHALK_ERR_LIMIT;
    }
    return CHALK_OK;
}

static void destroy_locks(ck_encoding *e)
{
    uv_cond_destroy(&e->wake);
    uv_mutex_destroy(&e->takers_lock);
    uv_mutex_destroy(&e->lock);
}

int ck_encoding_create(const ck_encoding_config *config, ck_encoding **out)
{
    ck_encoding *e = ck_new(&ck_heap, sizeof *e);
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    e->config = *config;
    e->bitrate_kbps = config->bitrate_kbps;
    atomic_init(&e->keys_by_time, true);
    e->last_pts_us = -1;
    e->sound_pts_us = -1;
    e->gain = 1.0f;
    int status = init_locks(e);
    if (status == CHALK_OK && uv_thread_create(&e->thread, run, e) != 0) {
        destroy_locks(e);
        status = CHALK_ERR_LIMIT;
    }
    if (status < 0) {
        ck_free(&ck_heap, e);
        return status;
    }
    *out = e;
    return CHALK_OK;
}

void ck_encoding_destroy(ck_encoding **encoding)
{
    ck_encoding *e = *encoding;
    if (e == NULL) {
        return;
    }
    uv_mutex_lock(&e->lock);
    e->stop = true;
    uv_cond_signal(&e->wake);
    uv_mutex_unlock(&e->lock);
    uv_thread_join(&e->thread);
    ck_encoding_close_encoder(e);
    e->config.codecs->converter_close(&e->converter);
    e->config.codecs->resampler_close(&e->resampler);
    chalk_video_frame_unref(&e->mailbox);
    chalk_video_frame_unref(&e->last);
    ck_frame_pool_destroy(&e->blacks);
    ck_packet_unref(&e->config_packet);
    ck_free(&ck_heap, e->sound);
    ck_free(&ck_heap, e->scroll);
    destroy_locks(e);
    ck_free(&ck_heap, e);
    *encoding = NULL;
}

/* --- takers ---------------------------------------------------------------------------------- */

/* With `takers_lock` held. */
static void settle_keys(ck_encoding *e)
{
    bool by_time = false;
    for (const ck_packet_taker *t = e->takers; t != NULL; t = t->next) {
        by_time = by_time || !t->asks_keys;
    }
    atomic_store(&e->keys_by_time, by_time);
}

void ck_encoding_asks_keys(ck_encoding *e, ck_packet_taker *taker, bool asks)
{
    uv_mutex_lock(&e->takers_lock);
    taker->asks_keys = asks;
    settle_keys(e);
    uv_mutex_unlock(&e->takers_lock);
    uv_mutex_lock(&e->lock);
    uv_cond_signal(&e->wake); /* the next key frame may be due now */
    uv_mutex_unlock(&e->lock);
}

void ck_encoding_attach(ck_encoding *e, ck_packet_taker *taker)
{
    ck_timeline_begin(e->config.line, ck_clock_us());
    uv_mutex_lock(&e->takers_lock);
    taker->has_config = e->config_packet.payload.size > 0;
    taker->begun = false;
    taker->asks_keys = false;
    taker->next = e->takers;
    e->takers = taker;
    settle_keys(e);
    if (taker->has_config) {
        taker->packet(taker->user, e->config.media, &e->config_packet);
    }
    uv_mutex_unlock(&e->takers_lock);
    uv_mutex_lock(&e->lock);
    e->takers_count++;
    e->want_key = true; /* a newcomer can begin with nothing else */
    uv_cond_signal(&e->wake);
    uv_mutex_unlock(&e->lock);
}

static bool unlink_taker(ck_encoding *e, ck_packet_taker *taker)
{
    bool found = false;
    uv_mutex_lock(&e->takers_lock);
    for (ck_packet_taker **at = &e->takers; *at != NULL; at = &(*at)->next) {
        if (*at == taker) {
            *at = taker->next;
            taker->next = NULL;
            found = true;
            break;
        }
    }
    settle_keys(e);
    uv_mutex_unlock(&e->takers_lock);
    return found;
}

void ck_encoding_detach(ck_encoding *e, ck_packet_taker *taker)
{
    if (unlink_taker(e, taker)) {
        uv_mutex_lock(&e->lock);
        e->takers_count--;
        uv_cond_signal(&e->wake); /* the last one gone, the thread puts its things away */
        uv_mutex_unlock(&e->lock);
    }
}

void ck_encoding_hand_out(ck_encoding *e, const ck_packet *packet)
{
    uv_mutex_lock(&e->takers_lock);
    if (packet->config) {
        ck_packet_unref(&e->config_packet);
        e->config_packet = ck_packet_ref(packet);
    }
    for (ck_packet_taker *t = e->takers; t != NULL; t = t->next) {
        t->has_config = t->has_config || packet->config;
        t->begun = t->begun || (packet->key && !packet->config);
        if (t->has_config && (t->begun || packet->config)) {
            t->packet(t->user, e->config.media, packet);
        }
    }
    uv_mutex_unlock(&e->takers_lock);
}

bool ck_encoding_sleep(ck_encoding *e)
{
    bool slept = false;
    while (!e->stop && e->takers_count == 0) {
        chalk_video_frame_unref(&e->mailbox);
        e->has_picture = false;
        e->sound_count = 0;
        if (slept) {
            uv_cond_wait(&e->wake, &e->lock);
            continue;
        }
        slept = true;
        uv_mutex_unlock(&e->lock);
        ck_encoding_close_encoder(e);
        chalk_video_frame_unref(&e->last);
        uv_mutex_lock(&e->lock);
    }
    return slept;
}

uint64_t ck_encoding_capture_us(uint64_t capture_us, uint64_t now_us)
{
    bool credible = capture_us <= now_us + AHEAD_US && capture_us + BEHIND_US >= now_us;
    return credible ? capture_us : now_us;
}

/* --- from the feed --------------------------------------------------------------------------- */

void ck_encoding_video(ck_encoding *e, chalk_video_frame *frame, bool whole)
{
    uv_mutex_lock(&e->lock);
    e->stats.frames_captured++;
    whole = whole || !e->has_picture;
    if (!whole && ck_frame_is_still(frame)) {
        uv_mutex_unlock(&e->lock);
        return; /* what it shows is here */
    }
    if (whole) {
        ck_damage_add_all(&e->arrived);
    } else {
        ck_damage_add_frame(&e->arrived, frame->info.damage, frame->info.damage_count);
        e->arrived_moved += ck_frame_moved_area(frame);
    }
    e->has_picture = true;
    e->stats.frames_dropped += e->mailbox != NULL;
    chalk_video_frame *replaced = e->mailbox;
    e->mailbox = chalk_video_frame_ref(frame);
    uv_cond_signal(&e->wake);
    uv_mutex_unlock(&e->lock);
    chalk_video_frame_unref(&replaced);
}

/* A ring for half a second of this form of sound; another form throws away what waited. */
static bool prepare_ring(ck_encoding *e, const ck_audio_block *block)
{
    if (e->sound != NULL && e->sound_rate == block->rate && e->sound_channels == block->channels) {
        return true;
    }
    e->stats.frames_dropped += e->sound_count > 0;
    ck_free(&ck_heap, e->sound);
    e->sound_rate = block->rate;
    e->sound_channels = block->channels;
    e->sound_capacity = (size_t)block->rate * CK_ENCODING_SOUND_MS / 1000;
    e->sound_first = 0;
    e->sound_count = 0;
    e->sound = ck_new_array(&ck_heap, e->sound_capacity, block->channels * sizeof(float));
    return e->sound != NULL;
}

static uint64_t span_us(const ck_encoding *e, size_t samples)
{
    return (uint64_t)samples * CK_US_PER_S / e->sound_rate;
}

static void put_sound(ck_encoding *e, const float *samples, size_t frames)
{
    for (size_t done = 0; done < frames;) {
        size_t at = (e->sound_first + e->sound_count) % e->sound_capacity;
        size_t piece = CK_MIN(frames - done, e->sound_capacity - at);
        memcpy(e->sound + at * e->sound_channels, samples + done * e->sound_channels,
               piece * e->sound_channels * sizeof(float));
        e->sound_count += piece;
        done += piece;
    }
}

void ck_encoding_audio(ck_encoding *e, const ck_audio_block *block)
{
    uv_mutex_lock(&e->lock);
    e->stats.frames_captured++;
    if (prepare_ring(e, block)) {
        size_t skipped = block->frames > e->sound_capacity ? block->frames - e->sound_capacity : 0;
        size_t frames = block->frames - skipped;
        size_t over = e->sound_count + frames > e->sound_capacity
                          ? e->sound_count + frames - e->sound_capacity
                          : 0;
        e->stats.frames_dropped += over > 0 || skipped > 0;
        e->sound_first = (e->sound_first + over) % e->sound_capacity;
        e->sound_count -= over;
        put_sound(e, block->samples + skipped * block->channels, frames);
        /* Timed by the newest block, so that a gap in the source is one here too. */
        uint64_t block_us = span_us(e, block->frames);
        uint64_t now_us = ck_clock_us();
        uint64_t end_us = ck_encoding_capture_us(block->capture_us, now_us) + block_us;
        e->sound_capture_us = end_us - CK_MIN(span_us(e, e->sound_count), end_us);
    }
    uv_cond_signal(&e->wake);
    uv_mutex_unlock(&e->lock);
}

/* --- settings -------------------------------------------------------------------------------- */

void ck_encoding_mute(ck_encoding *e, bool muted)
{
    uv_mutex_lock(&e->lock);
    e->muted = muted;
    e->want_key = e->want_key || e->config.media == CHALK_MEDIA_VIDEO;
    uv_cond_signal(&e->wake);
    uv_mutex_unlock(&e->lock);
}

void ck_encoding_want_key(ck_encoding *e)
{
    uv_mutex_lock(&e->lock);
    e->want_key = true;
    uv_cond_signal(&e->wake);
    uv_mutex_unlock(&e->lock);
}

void ck_encoding_set_bitrate(ck_encoding *e, uint32_t kbps)
{
    uv_mutex_lock(&e->lock);
    e->bitrate_kbps = kbps;
    e->bitrate_changed = true;
    uv_mutex_unlock(&e->lock);
}

void ck_encoding_get_stats(ck_encoding *e, ck_encoding_stats *stats)
{
    uv_mutex_lock(&e->lock);
    *stats = e->stats;
    uv_mutex_unlock(&e->lock);
}
