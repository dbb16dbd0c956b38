#include "runtime/media/player_inside.h"

#include "base/check.h"
#include "runtime/media/sound_chain.h"

#include <string.h>

#define TICK_US  10000  /* while sound is under way */
#define AHEAD_US 40000  /* decoded beyond what the device needs */
#define NOISE_US 500000 /* after so long without sound there is silence, and nothing to do */

/* The decoding thread's own. */
typedef struct audio_worker {
    ck_player *player;
    const ck_decoder_backend *backend;
    ck_decoder *decoder;
    uint32_t codec;
    ck_sound_chain chain;
    ck_trim trim;
    uint64_t made_up_us;     /* since the last sound that was received */
    bool dry;                /* nothing to play, and nothing that stands for it */
    unsigned missed;         /* of the player's missed_reads, those that were looked at */
    uint64_t consumed_at_us; /* without a reader: when the clock's share was taken last */
} audio_worker;

/* --- decoding -------------------------------------------------------------------------------- */

static int configure(audio_worker *w, const ck_packet *config)
{
    w->codec = config->codec;
    if (w->decoder != NULL && w->backend->codec == config->codec) {
        return w->backend->send(w->decoder, config);
    }
    if (w->decoder != NULL) {
        w->backend->close(&w->decoder); /* the publisher changed its codec */
    }
    const ck_decoder_backend *const *decoders = w->player->config.codecs->decoders;
    int status = CHALK_ERR_CODEC_UNKNOWN;
    for (size_t i = 0; decoders[i] != NULL && w->decoder == NULL; i++) {
        if (decoders[i]->codec == config->codec) {
            w->backend = decoders[i];
            status = w->backend->open(config->codec, config->payload, w->player->config.log,
                                      &w->decoder);
        }
    }
    return status;
}

/* Configurations that are for what begins here. */
static int configure_until(audio_worker *w, int64_t pts_us)
{
    ck_player *p = w->player;
    int status = CHALK_OK;
    bool more = true;
    while (more) {
        ck_sound_config config = {0};
        uv_mutex_lock(&p->lock);
        const ck_sound_config *next = ck_ring_at(&p->sound_configs, 0);
        more = next != NULL && next->from_us <= pts_us && ck_ring_pop(&p->sound_configs, &config);
        uv_mutex_unlock(&p->lock);
        if (more) {
            status = configure(w, &config.packet);
            ck_packet_unref(&config.packet);
        }
    }
    return status;
}

static int receive(audio_worker *w, bool *made)
{
    int status = CHALK_OK;
    while (status == CHALK_OK) {
        ck_audio_block block;
        status = w->backend->receive_audio(w->decoder, &block);
        if (status == CHALK_OK) {
            ck_sound_chain_put(&w->chain, &block);
            *made = true;
        }
    }
    return status == CHALK_ERR_AGAIN ? CHALK_OK : status;
}

static int decode(audio_worker *w, const ck_packet *packet, bool *made)
{
    int status = configure_until(w, packet->pts_us);
    if (status < 0 || w->decoder == NULL) {
        return status < 0 ? status : CHALK_ERR_CODEC; /* no configuration, or none of use */
    }
    ck_packet of_codec = *packet;
    of_codec.codec = w->codec;
    status = w->backend->send(w->decoder, &of_codec);
    if (status == CHALK_ERR_AGAIN) {
        (void)receive(w, made); /* makes room; what it cannot decode was sent before */
        status = w->backend->send(w->decoder, &of_codec);
    }
    return status == CHALK_OK ? receive(w, made) : status;
}

/* --- playing --------------------------------------------------------------------------------- */

static uint32_t ring_us(const ck_player *p)
{
    return ck_sound_ring_level(&p->ring) * CK_SOUND_BLOCK_US;
}

static void play(audio_worker *w, ck_jitter_out *out)
{
    ck_player *p = w->player;
    uint64_t cpu_us = ck_thread_cpu_us();
    const ck_packet packet = {
        .key = true, .pts_us = out->pts_us, .dts_us = out->pts_us, .payload = out->payload};
    bool made = false;
    int status = decode(w, &packet, &made);
    ck_slice_unref(&out->payload);
    if (!made) {
        ck_sound_chain_make_up(&w->chain, out->pts_us, out->duration_us, true, false);
    }
    w->chain.speed = out->speed;
    if (out->speed == CK_JITTER_NORMAL) {
        w->chain.ppm = ck_trim_feed(&w->trim, out->behind_us, ck_clock_us());
    }
    w->made_up_us = 0;
    w->dry = false;
    uv_mutex_lock(&p->lock);
    ck_player_decoded(p, CK_LINE_SOUND, status, ck_clock_us());
    p->stats.decode_us += ck_thread_cpu_us() - cpu_us;
    uv_mutex_unlock(&p->lock);
}

/* Before the first sound the ring is kept as full as it will be: so the first block is heard when
 * it should be. */
static void put_silence(audio_worker *w)
{
    ck_sound_block *slot = ck_sound_ring_slot(&w->player->ring);
    if (slot != NULL) {
        memset(slot, 0, sizeof *slot);
        slot->kind = CK_SOUND_SILENCE;
        ck_sound_ring_put(&w->player->ring);
    }
}

static void act(audio_worker *w, enum ck_jitter_answer answer, ck_jitter_out *out)
{
    switch (answer) {
    case CK_JITTER_PLAY:
        play(w, out);
        break;
    case CK_JITTER_SILENCE:
        put_silence(w);
        break;
    case CK_JITTER_REBUILD: /* of packets alone */
    case CK_JITTER_CONCEAL:
    case CK_JITTER_NOISE:
        ck_sound_chain_make_up(&w->chain, out->pts_us, out->duration_us, out->passes,
                               answer == CK_JITTER_NOISE);
        w->made_up_us += out->duration_us;
        break;
    }
}

static void move_blocks(audio_worker *w)
{
    ck_player *p = w->player;
    ck_sound_block *slot = ck_sound_ring_slot(&p->ring);
    while (slot != NULL && ck_sound_chain_next(&w->chain, slot)) {
        ck_sound_ring_put(&p->ring);
        slot = ck_sound_ring_slot(&p->ring);
    }
}

/* With the lock held. */
static void take_events(ck_player *p)
{
    ck_jitter_event event;
    while (ck_jitter_poll_event(p->jitter, &event)) {
        if (event.kind == CK_JITTER_RAN_OUT) {
            p->ran_out = true;
        } else if (event.kind == CK_JITTER_RECOVERED) {
            p->ran_out = false;
        } else if (event.kind == CK_JITTER_SKIPPED) {
            ck_player_skip_pictures(p);
        }
    }
}

/* With the lock held. False: nothing more is wanted now. What is not there yet is waited for as
 * long as the device has something to play. */
static bool pull(audio_worker *w, uint64_t now_us, enum ck_jitter_answer *answer,
                 ck_jitter_out *out)
{
    ck_player *p = w->player;
    uint32_t lead_us = ck_lead_us(&p->lead, now_us);
    uint32_t ready_us = ring_us(p);
    uint32_t held_us = ck_sound_chain_held_us(&w->chain);
    bool waiting = ck_jitter_get_stats(p->jitter).buffered > 0;
    bool began = ck_jitter_get_stats(p->jitter).jitter_buffer_emitted_count > 0;
    if (p->flush_audio || ready_us >= lead_us + (began ? AHEAD_US : 0)) {
        return false;
    }
    if (!waiting && (ready_us + held_us >= lead_us || !began)) {
        w->chain.drain = ready_us < lead_us;
        return false;
    }
    if (!waiting && (w->dry || p->closed || w->made_up_us >= NOISE_US)) {
        w->chain.drain = true;
        w->dry = true;
        return false;
    }
    ck_jitter_stretched(p->jitter, w->chain.made_us, w->chain.media_us);
    w->chain.made_us = 0;
    w->chain.media_us = 0;
    int64_t ahead_us = (int64_t)ready_us + held_us - lead_us;
    *answer = ck_jitter_pull(p->jitter, ahead_us, now_us, out);
    take_events(p);
    return true;
}

static void fill_ring(audio_worker *w)
{
    ck_player *p = w->player;
    bool more = true;
    while (more) {
        enum ck_jitter_answer answer = CK_JITTER_SILENCE;
        ck_jitter_out out;
        move_blocks(w);
        uv_mutex_lock(&p->lock);
        more = pull(w, ck_clock_us(), &answer, &out);
        uv_mutex_unlock(&p->lock);
        if (more) {
            act(w, answer, &out);
        }
    }
    move_blocks(w); /* what was to be drained */
}

/* With the lock held. */
static void follow_device(audio_worker *w, uint64_t now_us)
{
    ck_player *p = w->player;
    uint32_t block = atomic_load(&p->largest_read);
    ck_lead_block(&p->lead, (uint32_t)((uint64_t)block * 1000000 / CHALK_SAMPLE_RATE));
    unsigned missed = atomic_load(&p->missed_reads);
    bool ours =
        ck_jitter_get_stats(p->jitter).buffered > 0 || ck_sound_chain_held_us(&w->chain) > 0;
    if (missed != w->missed && ours) {
        ck_lead_missed(&p->lead, now_us);
    }
    w->missed = missed;
}

static void feed_device(audio_worker *w)
{
    ck_player *p = w->player;
    int64_t tell = -1;
    int why = CHALK_OK;
    uv_mutex_lock(&p->lock);
    follow_device(w, ck_clock_us());
    uv_mutex_unlock(&p->lock);
    fill_ring(w);
    uv_mutex_lock(&p->lock);
    if (!p->flush_audio) {
        uint64_t now_us = ck_clock_us();
        ck_player_follow(p, now_us);
        tell = ck_player_watch(p, now_us);
        why = p->frozen_why;
    }
    uv_mutex_unlock(&p->lock);
    if (tell >= 0) {
        ck_player_notify(p, CK_PLAYER_FREEZE, why, tell, "");
    }
}

/* Nobody listens: the sound passes at the clock's pace, so that pictures keep their time. */
static void consume(audio_worker *w)
{
    ck_player *p = w->player;
    float scratch[CK_SOUND_BLOCK * CHALK_PLAYBACK_CHANNELS];
    uint64_t now_us = ck_clock_us();
    uv_mutex_lock(&p->lock); /* held while reading: the ring has one reader at a time */
    if (p->has_reader || now_us - w->consumed_at_us > 500000) {
        w->consumed_at_us = now_us;
    }
    while (now_us - w->consumed_at_us >= CK_SOUND_BLOCK_US) {
        (void)ck_player_read(p, scratch, CK_SOUND_BLOCK, 0);
        w->consumed_at_us += CK_SOUND_BLOCK_US;
    }
    uv_mutex_unlock(&p->lock);
}

static void flush(audio_worker *w)
{
    ck_sound_chain_reset(&w->chain);
    if (w->decoder != NULL) {
        w->backend->reset(w->decoder);
    }
}

/* With the lock held: when there is something to do although no packet comes. CK_NEVER: a player
 * without a stream sleeps. */
static uint64_t next_look_us(const audio_worker *w, uint64_t now_us)
{
    const ck_player *p = w->player;
    if (!w->dry || ck_player_has_sound(p)) {
        return now_us + TICK_US;
    }
    uint64_t last_us = CK_MAX(CK_MAX(p->last_sound_us, p->last_picture_us), p->refused_us);
    bool watching = last_us != 0 && p->frozen_since_us == 0 && !p->closed;
    return watching ? CK_MAX(last_us + CK_PLAYER_FREEZE_US, now_us) + TICK_US : CK_NEVER;
}

/* False: stop. */
static bool wait_turn(audio_worker *w)
{
    ck_player *p = w->player;
    uv_mutex_lock(&p->lock);
    uint64_t now_us = ck_clock_us();
    uint64_t look_us = p->stop || p->flush_audio ? now_us : next_look_us(w, now_us);
    if (look_us == CK_NEVER) {
        uv_cond_wait(&p->audio_wake, &p->lock);
    } else if (look_us > now_us) {
        (void)uv_cond_timedwait(&p->audio_wake, &p->lock, (look_us - now_us) * 1000);
    }
    bool stop = p->stop;
    bool broke = p->flush_audio;
    if (broke) {
        ck_sound_ring_flush(&p->ring);
        /* After it: who sees the new line hears no old sound. */
        atomic_fetch_add(&p->sound_line, 1);
        p->flush_audio = false;
    }
    uv_mutex_unlock(&p->lock);
    if (broke) {
        flush(w);
    }
    return !stop;
}

void ck_player_run_audio(void *player)
{
    ck_thread_name("chalk-decode-a");
    audio_worker w = {.player = player, .dry = true, .consumed_at_us = ck_clock_us()};
    ck_trim_init(&w.trim);
    if (ck_sound_chain_init(&w.chain, w.consumed_at_us) < 0) {
        ck_player_notify(player, CK_PLAYER_DEVICE, CHALK_ERR_NO_MEMORY, 0, "no memory for sound");
        return;
    }
    while (wait_turn(&w)) {
        feed_device(&w);
        consume(&w);
    }
    ck_sound_chain_free(&w.chain);
    if (w.decoder != NULL) {
        w.backend->close(&w.decoder);
    }
}
