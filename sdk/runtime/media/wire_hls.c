/*
 * HLS: the client core says what to fetch, one connection after the other fetches it, demuxers take
 * it apart, and packets leave at the pace of a live source. Playing only.
 *
 *     ck_hls --get--> ck_fetch --bytes--> demuxer of the segment that comes
 *                                           \--> ck_hls_reel --packets--> host
 *
 * Only the first request uses the connection that the link opened; it is lent to the fetch.
 */
#include "runtime/media/wire.h"

#include "chalkrail/runtime.h"

#include "base/check.h"
#include "core/m3u8/hls.h"
#include "runtime/media/fetch.h"
#include "runtime/media/hls_cipher.h"
#include "runtime/media/hls_reel.h"
#include "runtime/os/os.h"

#include <openssl/crypto.h>
#include <string.h>

#define MAP_MAX (1u << 20)

struct ck_wire {
    ck_wire_host host;
    const ck_codec_set *codecs;
    const ck_log *log;
    ck_loop *loop;
    ck_wire_memory *memory;
    ck_hls *hls;
    ck_fetch *fetch;
    ck_buf map;            /* the initialisation section in force */
    ck_buf key;            /* what encrypted segments are read with */
    ck_hls_cipher *cipher; /* of what is being fetched; NULL: it is plain */
    ck_hls_segment coming; /* what is being fetched; with a demuxer when it is a segment */
    ck_hls_reel reel;
    bool ended; /* no further segment comes */
    bool over;
};

static void step(ck_wire *w, uint64_t now_us);

static void end_with(ck_wire *w, int status, const char *text)
{
    if (!w->over) {
        w->over = true;
        w->host.ended(w->host.user, status, text);
    }
}

/* --- fetching -------------------------------------------------------------------------------- */

/* What a key was is nobody's business once it is no longer needed. */
static void forget_key(ck_wire *w)
{
    if (w->key.data != NULL) {
        OPENSSL_cleanse(w->key.data, w->key.capacity);
    }
    ck_buf_clear(&w->key);
}

static void drop_coming(ck_wire *w)
{
    ck_hls_cipher_close(&w->cipher);
    ck_hls_segment_drop(w->codecs, &w->coming);
}

static int keep_plain(void *user, const uint8_t *data, size_t size)
{
    ck_wire *w = user;
    if (w->coming.get.kind == CK_HLS_SEGMENT) {
        w->coming.size += size;
        return w->codecs->demuxer_send(w->coming.demuxer, data, size);
    }
    ck_buf *kept = w->coming.get.kind == CK_HLS_MAP ? &w->map : &w->key;
    ck_buf_put(kept, data, size);
    return ck_buf_status(kept);
}

/* What is not the core's own; an error ends the request. */
static int keep(ck_wire *w, const uint8_t *data, size_t size)
{
    if (w->coming.get.kind == CK_HLS_PLAYLIST) {
        return CHALK_OK;
    }
    return w->cipher != NULL ? ck_hls_cipher_take(w->cipher, data, size, keep_plain, w)
                             : keep_plain(w, data, size);
}

static void fetch_data(void *user, const uint8_t *data, size_t size)
{
    ck_wire *w = user;
    uint64_t now_us = ck_loop_now_us(w->loop);
    uint32_t id = w->coming.get.id;
    int status = ck_hls_feed(w->hls, id, data, size, now_us);
    status = status == CHALK_OK ? keep(w, data, size) : status;
    if (status < 0) {
        const char *text =
            status == CHALK_ERR_TOO_LARGE ? "a playlist, segment, section or key is too large" : "";
        ck_fetch_cancel(w->fetch);
        drop_coming(w);
        ck_hls_done(w->hls, id, status, text, NULL, now_us);
        step(w, now_us);
    }
}

/* All that was asked for has come: whether it is what it should be, `text` says what is wrong. */
static int check_whole(ck_wire *w, const char **text)
{
    int status = w->cipher != NULL ? ck_hls_cipher_end(w->cipher, keep_plain, w) : CHALK_OK;
    if (status < 0) {
        *text = "a segment cannot be decrypted";
    } else if (w->coming.get.kind == CK_HLS_KEY && w->key.size != CK_HLS_KEY_SIZE) {
        status = CHALK_ERR_BAD_DATA;
        *text = "a key is not of 16 bytes";
    }
    return status;
}

/* Hands on the segment that has come whole. */
static int accept_segment(ck_wire *w)
{
    int status = w->codecs->demuxer_end(w->coming.demuxer);
    if (status == CHALK_OK) {
        ck_hls_reel_add(&w->reel, &w->coming);
    }
    return status;
}

static void fetch_done(void *user, int status, const char *text)
{
    ck_wire *w = user;
    uint64_t now_us = ck_loop_now_us(w->loop);
    status = status == CHALK_OK ? check_whole(w, &text) : status;
    if (status == CHALK_OK && w->coming.get.kind == CK_HLS_SEGMENT) {
        status = accept_segment(w);
        text = status == CHALK_ERR_BAD_DATA ? "a segment is neither MPEG-TS nor MP4 nor AAC"
               : status == CHALK_ERR_UNSUPPORTED
                   ? "samples are encrypted, or FFmpeg lacks the format"
                   : "";
    }
    drop_coming(w);
    ck_hls_done(w->hls, w->coming.get.id, status, text, ck_fetch_url(w->fetch), now_us);
    step(w, now_us);
}

static int start_request(ck_wire *w)
{
    const ck_hls_get *get = &w->coming.get;
    int status = CHALK_OK;
    if (get->encrypted) {
        status = ck_hls_cipher_open(w->key.data, get->iv, &w->cipher);
    }
    if (status < 0) {
        return status;
    }
    if (get->kind == CK_HLS_MAP) {
        ck_buf_clear(&w->map);
    } else if (get->kind == CK_HLS_KEY) {
        forget_key(w);
    } else if (get->kind == CK_HLS_SEGMENT) {
        status = w->codecs->demuxer_open(w->log, &w->coming.demuxer);
        if (status == CHALK_OK && get->has_map) {
            status = w->codecs->demuxer_send(w->coming.demuxer, w->map.data, w->map.size);
        }
    }
    uint64_t length = get->range.given ? get->range.length : 0;
    return status == CHALK_OK ? ck_fetch_get(w->fetch, get->url, get->range.offset, length)
                              : status;
}

static void ask(ck_wire *w, uint64_t now_us)
{
    ck_hls_get get;
    uint32_t abandoned;
    if (ck_hls_poll_abandoned(w->hls, &abandoned)) {
        ck_fetch_cancel(w->fetch);
        drop_coming(w);
    }
    ck_hls_buffered(w->hls, ck_hls_reel_in_hand(&w->reel));
    while (!w->over && ck_hls_poll_output(w->hls, &get, now_us)) {
        w->coming = (ck_hls_segment){.get = get};
        int status = start_request(w);
        if (status == CHALK_OK) {
            return;
        }
        drop_coming(w);
        ck_hls_done(w->hls, get.id, status, "", NULL, now_us);
    }
}

static void report(ck_wire *w)
{
    ck_hls_event event;
    while (!w->over && ck_hls_poll_event(w->hls, &event)) {
        switch (event.kind) {
        case CK_HLS_READY:
            w->host.accepted(w->host.user);
            break;
        case CK_HLS_SKIPPED:
            ck_logf(w->log, CHALK_LOG_WARNING, "hls", "a segment is left out: %s: %s",
                    chalk_error_name(event.status), event.text);
            break;
        case CK_HLS_END:
            w->ended = true;
            break;
        case CK_HLS_FAILED:
            end_with(w, event.status, event.text);
            break;
        }
    }
}

static void give(void *user, uint32_t media, const ck_packet *packet)
{
    ck_wire *w = user;
    w->host.packet(w->host.user, media, packet);
}

static void release(ck_wire *w, uint64_t now_us)
{
    if (w->over) {
        return;
    }
    int status = ck_hls_reel_release(&w->reel, w->ended, now_us);
    w->memory->has_sequence = w->memory->has_sequence || w->reel.has_position;
    w->memory->sequence = w->reel.has_position ? w->reel.position : w->memory->sequence;
    if (status < 0) {
        end_with(w, status, w->reel.problem);
    }
}

/* What was released makes room for requests, and what these bring may be due at once. */
static void step(ck_wire *w, uint64_t now_us)
{
    release(w, now_us);
    ask(w, now_us);
    report(w);
    release(w, now_us);
    if (w->ended && ck_hls_reel_is_empty(&w->reel)) {
        end_with(w, CHALK_ERR_END, "");
    }
}

/* --- the wire's functions -------------------------------------------------------------------- */

static void hls_free(ck_wire **wire)
{
    ck_wire *w = *wire;
    if (w != NULL) {
        ck_fetch_free(&w->fetch);
        ck_hls_free(&w->hls);
        drop_coming(w);
        ck_hls_reel_free(&w->reel);
        ck_buf_free(&w->map);
        forget_key(w);
        ck_buf_free(&w->key);
        ck_free(&ck_heap, w);
        *wire = NULL;
    }
}

static void fetch_enter(void *user)
{
    ck_wire *w = user;
    w->host.enter(w->host.user);
}

static void fetch_leave(void *user)
{
    ck_wire *w = user;
    w->host.leave(w->host.user);
}

static int hls_open(const ck_wire_config *config, ck_wire **out)
{
    if (config->codecs == NULL || config->host.packet == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    ck_wire *w = ck_new(&ck_heap, sizeof *w);
    if (w == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    w->host = config->host;
    w->codecs = config->codecs;
    w->log = config->log;
    w->loop = config->loop;
    w->memory = config->memory;
    ck_buf_init(&w->map, &ck_heap, MAP_MAX);
    ck_buf_init(&w->key, &ck_heap, CK_HLS_KEY_SIZE);
    const ck_fetch_host host = {fetch_enter, fetch_leave, fetch_data, fetch_done, w};
    const ck_hls_config hls = {
        .alloc = &ck_heap,
        .url = config->url,
        .resume = config->memory->has_sequence,
        .resume_sequence = config->memory->sequence,
    };
    int status = ck_hls_init(&w->hls, &hls, config->now_us);
    if (status == CHALK_OK) {
        status = ck_hls_reel_init(&w->reel, config->codecs, give, w);
    }
    if (status == CHALK_OK) {
        status = ck_fetch_create(config->loop, config->tls, &host, &w->fetch);
    }
    if (status < 0) {
        hls_free(&w);
        return status;
    }
    ck_fetch_lend(w->fetch, config->stream, config->url);
    *out = w;
    return CHALK_OK;
}

/* The connection's bytes go to the fetch, to which it is lent. */
static void hls_data(ck_wire *w, const uint8_t *data, size_t size, uint64_t now_us)
{
    (void)w;
    (void)data;
    (void)size;
    (void)now_us;
}

static void hls_ended(ck_wire *w)
{
    (void)w;
}

static void hls_flush(ck_wire *w, uint64_t now_us)
{
    if (!w->over) {
        step(w, now_us);
    }
}

static void hls_finish(ck_wire *w, uint64_t now_us)
{
    (void)now_us;
    w->over = true;
    w->host.finished(w->host.user); /* a player of HTTP just leaves */
}

static uint64_t hls_next_deadline(const ck_wire *w)
{
    return w->over ? CK_NEVER : CK_MIN(w->reel.due_us, ck_hls_next_deadline(w->hls));
}

static void hls_on_deadline(ck_wire *w, uint64_t now_us)
{
    if (!w->over) {
        ck_hls_on_deadline(w->hls, now_us);
        step(w, now_us);
    }
}

static uint64_t hls_received(const ck_wire *w)
{
    return ck_fetch_received(w->fetch);
}

const ck_wire_ops ck_wire_hls = {
    .open = hls_open,
    .data = hls_data,
    .ended = hls_ended,
    .flush = hls_flush,
    .finish = hls_finish,
    .next_deadline = hls_next_deadline,
    .on_deadline = hls_on_deadline,
    .received = hls_received,
    .free = hls_free,
};
