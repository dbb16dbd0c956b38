#include "runtime/media/player_inside.h"

#include "base/check.h"

#include <string.h>

#define TICK_US        10000 /* while sound is under way */
#define RING_US        60000 /* sound kept ready for the device */
#define HEARD_FRESH_US 300000
#define DECODE_AHEAD   40 /* blocks: what is decoded before the playout wants it */

/* The decoding thread's own. */
typedef struct audio_worker {
    ck_player *player;
    const ck_decoder_backend *backend;
    ck_decoder *decoder;
    ck_ring staged;         /* of ck_sound_block: decoded, not yet in the device's ring */
    ck_sound_block partial; /* being filled */
    uint32_t partial_count;
    bool dry;                /* the playout knows that nothing is in hand */
    uint64_t consumed_at_us; /* without a reader: when the clock's share was taken last */
} audio_worker;

/* --- decoding -------------------------------------------------------------------------------- */

static void stage(audio_worker *w, const ck_audio_block *block)
{
    for (uint32_t done = 0; done < block->frames;) {
        if (w->partial_count == 0) {
            w->partial.pts_us = block->pts_us + (int64_t)done * 1000000 / CHALK_SAMPLE_RATE;
        }
        uint32_t piece = CK_MIN(block->frames - done, CK_SOUND_BLOCK - w->partial_count);
        memcpy(w->partial.samples + (size_t)w->partial_count * CHALK_PLAYBACK_CHANNELS,
               block->samples + (size_t)done * CHALK_PLAYBACK_CHANNELS,
               (size_t)piece * CHALK_PLAYBACK_CHANNELS * sizeof(float));
        w->partial_count += piece;
        done += piece;
        if (w->partial_count == CK_SOUND_BLOCK) {
            (void)ck_ring_push(&w->staged, &w->partial); /* room was checked before decoding */
            w->partial_count = 0;
        }
    }
}

static int configure(audio_worker *w, const ck_packet *config)
{
    if (w->decoder != NULL) {
        return w->backend->send(w->decoder, config);
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

static int receive(audio_worker *w)
{
    int status = CHALK_OK;
    while (status == CHALK_OK) {
        ck_audio_block block;
        status = w->backend->receive_audio(w->decoder, &block);
        if (status == CHALK_OK) {
            stage(w, &block);
        }
    }
    return status == CHALK_ERR_AGAIN ? CHALK_OK : status;
}

static int decode(audio_worker *w, const ck_packet *packet)
{
    if (packet->config) {
        return configure(w, packet);
    }
    if (w->decoder == NULL) {
        return CHALK_OK;
    }
    int status = w->backend->send(w->decoder, packet);
    if (status == CHALK_ERR_AGAIN) {
        (void)receive(w); /* makes room; what it cannot decode was sent before */
        status = w->backend->send(w->decoder, packet);
    }
    return status == CHALK_OK ? receive(w) : status;
}

static bool pop_packet(audio_worker *w, ck_packet *packet)
{
    ck_player *p = w->player;
    uv_mutex_lock(&p->lock);
    /* What is of another time line waits until the old one has been flushed. */
    bool got = !p->flush_audio && ck_player_pop(p, &p->audio_queue, packet);
    uv_mutex_unlock(&p->lock);
    return got;
}

static void decode_ahead(audio_worker *w)
{
    ck_packet packet;
    while (w->staged.count < DECODE_AHEAD && pop_packet(w, &packet)) {
        uint64_t cpu_us = ck_thread_cpu_us();
        int status = decode(w, &packet);
        ck_packet_unref(&packet);
        uv_mutex_lock(&w->player->lock);
        w->player->stats.decode_errors += status < 0;
        w->player->stats.decode_us += ck_thread_cpu_us() - cpu_us;
        uv_mutex_unlock(&w->player->lock);
    }
}

/* --- playing --------------------------------------------------------------------------------- */

/* The first packet that is sound, from `index` on in steps of 1 or -1: configurations have no time.
 * NULL: there is none. */
static const ck_packet *media_from(const ck_ring *queue, size_t index, size_t step)
{
    const ck_packet *packet = ck_ring_at(queue, index);
    while (packet != NULL && packet->config) {
        index += step;
        packet = ck_ring_at(queue, index);
    }
    return packet;
}

/* With the lock held: how much sound waits, decoded or not. */
static uint64_t queued_us(const audio_worker *w)
{
    const ck_player *p = w->player;
    uint64_t span = (uint64_t)w->staged.count * CK_SOUND_BLOCK_US;
    const ck_packet *first = media_from(&p->audio_queue, 0, 1);
    if (first != NULL) {
        const ck_packet *last = media_from(&p->audio_queue, p->audio_queue.count - 1, SIZE_MAX);
        span += (uint64_t)CK_MAX(last->pts_us - first->pts_us, 0);
    }
    return span;
}

static void skip_staged(audio_worker *w, int64_t until_us)
{
    const ck_sound_block *oldest;
    while ((oldest = ck_ring_at(&w->staged, 0)) != NULL && oldest->pts_us < until_us) {
        w->staged.first = (w->staged.first + 1) % w->staged.capacity;
        w->staged.count--;
    }
    w->partial_count = w->partial.pts_us < until_us ? 0 : w->partial_count;
}

/* With the lock held: undecoded packets before `until_us` go as well. */
static void skip_queued(audio_worker *w, int64_t until_us)
{
    ck_player *p = w->player;
    const ck_packet *oldest;
    while ((oldest = ck_ring_at(&p->audio_queue, 0)) != NULL && !oldest->config &&
           oldest->pts_us < until_us) {
        ck_packet packet;
        (void)ck_player_pop(p, &p->audio_queue, &packet);
        ck_packet_unref(&packet);
    }
}

static bool move_block(audio_worker *w)
{
    ck_sound_block *slot = ck_sound_ring_slot(&w->player->ring);
    if (slot == NULL || !ck_ring_pop(&w->staged, slot)) {
        return false;
    }
    ck_sound_ring_put(&w->player->ring);
    return true;
}

static uint32_t wanted_blocks(const ck_player *p)
{
    uint32_t twice_read = 2 * atomic_load(&p->largest_read) / CK_SOUND_BLOCK + 1;
    uint32_t blocks = RING_US / CK_SOUND_BLOCK_US;
    return CK_CLAMP(twice_read, blocks, CK_SOUND_BLOCKS);
}

/* --- standstills ----------------------------------------------------------------------------- */

/* With the lock held. */
static bool has_sound_in_hand(const audio_worker *w)
{
    const ck_player *p = w->player;
    return w->staged.count > 0 || p->audio_queue.count > 0 || ck_sound_ring_level(&p->ring) > 0;
}

/* With the lock held. Sound that ran dry has no position; where pictures go on without it, they
 * have one, and stand still when nothing comes. */
static bool is_frozen(const audio_worker *w, uint64_t now_us)
{
    const ck_player *p = w->player;
    int64_t position_us;
    if (p->closed || p->last_packet_us == 0) {
        return false;
    }
    if (!ck_playout_position(&p->playout, now_us, &position_us)) {
        return true;
    }
    return !has_sound_in_hand(w) && p->video_queue.count == 0 &&
           now_us - CK_MIN(p->last_packet_us, now_us) > CK_PLAYER_FREEZE_US;
}

/* With the lock held. Returns what to tell: -1 nothing, 0 a standstill began, above 0 microseconds
 * that it lasted. */
static int64_t watch_freeze(audio_worker *w, uint64_t now_us)
{
    ck_player *p = w->player;
    bool frozen = is_frozen(w, now_us);
    if (frozen && p->frozen_since_us == 0) {
        p->frozen_since_us = now_us;
        p->stats.freezes++;
        return 0;
    }
    if (!frozen && p->frozen_since_us != 0) {
        int64_t lasted = (int64_t)(now_us - p->frozen_since_us);
        p->stats.freeze_us += (uint64_t)lasted;
        p->frozen_since_us = 0;
        return CK_MAX(lasted, 1);
    }
    return -1;
}

/* --- the device's ring ----------------------------------------------------------------------- */

static void use_heard(ck_player *p, uint64_t now_us)
{
    bool current = atomic_load(&p->heard_line) == atomic_load(&p->line);
    uint64_t at_us = atomic_load(&p->heard_at_us);
    if (current && at_us != 0 && now_us - CK_MIN(at_us, now_us) < HEARD_FRESH_US) {
        int64_t pts_us = atomic_load(&p->heard_offset_us) + (int64_t)now_us;
        ck_playout_audio_played(&p->playout, pts_us, now_us);
    }
}

/* With the lock held. */
static void fill_ring(audio_worker *w, uint64_t now_us)
{
    ck_player *p = w->player;
    while (ck_sound_ring_level(&p->ring) < wanted_blocks(p)) {
        const ck_sound_block *oldest = ck_ring_at(&w->staged, 0);
        if (oldest == NULL && ck_sound_ring_level(&p->ring) > 0) {
            return; /* not dry before the device is */
        }
        int64_t skip_to_us = 0;
        enum ck_playout_answer answer =
            ck_playout_audio(&p->playout, oldest != NULL ? oldest->pts_us : 0,
                             oldest != NULL ? queued_us(w) : 0, now_us, &skip_to_us);
        if (answer == CK_PLAYOUT_SKIP) {
            skip_staged(w, skip_to_us);
            skip_queued(w, skip_to_us);
            return; /* what follows has to be decoded first */
        }
        if (answer != CK_PLAYOUT_PLAY) {
            /* What was heard says nothing about where sound will go on. */
            atomic_fetch_add(&p->line, !w->dry);
            w->dry = oldest == NULL;
            return;
        }
        w->dry = false;
        if (!move_block(w)) {
            return;
        }
    }
}

static void feed_device(audio_worker *w)
{
    ck_player *p = w->player;
    uint64_t now_us = ck_clock_us();
    int64_t tell = -1;
    uv_mutex_lock(&p->lock);
    if (!p->flush_audio) {
        use_heard(p, now_us);
        fill_ring(w, now_us);
        tell = watch_freeze(w, now_us);
    }
    uv_mutex_unlock(&p->lock);
    if (tell >= 0) {
        ck_player_notify(p, CK_PLAYER_FREEZE, CHALK_OK, tell, "");
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
    w->staged.first = 0;
    w->staged.count = 0;
    w->partial_count = 0;
    ck_sound_ring_flush(&w->player->ring);
    atomic_fetch_add(&w->player->line, 1); /* after it: who sees the new line hears no old sound */
    if (w->decoder != NULL) {
        w->backend->reset(w->decoder);
    }
}

/* With the lock held: when there is something to do although no packet comes. CK_NEVER: a player
 * without a stream sleeps. */
static uint64_t next_look_us(const audio_worker *w, uint64_t now_us)
{
    const ck_player *p = w->player;
    if (w->staged.count > 0 || p->audio_queue.count > 0) {
        return now_us + TICK_US;
    }
    uint32_t level = ck_sound_ring_level(&p->ring);
    if (!w->dry) {
        return now_us +
               CK_MAX((uint64_t)level * CK_SOUND_BLOCK_US, TICK_US); /* it may be dry then */
    }
    bool watching = p->last_packet_us != 0 && p->frozen_since_us == 0 && !p->closed;
    return watching ? CK_MAX(p->last_packet_us + CK_PLAYER_FREEZE_US, now_us) + TICK_US : CK_NEVER;
}

/* False: stop. */
static bool wait_turn(audio_worker *w)
{
    ck_player *p = w->player;
    uv_mutex_lock(&p->lock);
    uint64_t now_us = ck_clock_us();
    uint64_t look_us = next_look_us(w, now_us);
    bool busy = w->staged.count < DECODE_AHEAD && p->audio_queue.count > 0;
    if (p->stop || p->flush_audio || busy) {
        look_us = now_us;
    }
    if (look_us == CK_NEVER) {
        uv_cond_wait(&p->audio_wake, &p->lock);
    } else if (look_us > now_us) {
        (void)uv_cond_timedwait(&p->audio_wake, &p->lock, (look_us - now_us) * 1000);
    }
    bool stop = p->stop;
    bool broke = p->flush_audio;
    p->flush_audio = false;
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
    if (ck_ring_init(&w.staged, &ck_heap, sizeof(ck_sound_block), CK_PLAYER_STAGED) < 0) {
        ck_player_notify(player, CK_PLAYER_DEVICE, CHALK_ERR_NO_MEMORY, 0, "no memory for sound");
        return;
    }
    while (wait_turn(&w)) {
        decode_ahead(&w);
        feed_device(&w);
        consume(&w);
    }
    ck_ring_free(&w.staged);
    if (w.decoder != NULL) {
        w.backend->close(&w.decoder);
    }
}
