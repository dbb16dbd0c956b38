#include "runtime/media/prepared.h"

#include "base/check.h"
#include "base/time.h"
#include "core/flv/demux.h"
#include "runtime/media/intake.h"
#include "runtime/os/file.h"
#include "runtime/os/os.h"

#include <stdatomic.h>

#define READ_AT_ONCE 65536
#define GAP_US       40000 /* from the end of a round to the beginning of the next */

typedef struct entry {
    uint32_t media;
    ck_packet packet;
} entry;

struct ck_prepared {
    atomic_uint references;
    entry *entries;
    size_t count, size;
    int64_t first_us; /* dts of the first packet */
    int64_t round_us; /* what a round lasts */
    bool has_key;
    uint32_t codecs[2]; /* of pictures, of sound */
};

/* --- reading --------------------------------------------------------------------------------- */

static bool grow(ck_prepared *p)
{
    size_t size = p->size * 2 + 256;
    entry *grown = ck_resize_array(&ck_heap, p->entries, size, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    p->entries = grown;
    p->size = size;
    return true;
}

static int keep(ck_prepared *p, uint32_t media, ck_packet *packet)
{
    bool full = p->count == CK_PREPARED_PACKETS;
    if (full || (p->count == p->size && !grow(p))) {
        ck_packet_unref(packet);
        return full ? CHALK_ERR_TOO_LARGE : CHALK_ERR_NO_MEMORY;
    }
    p->codecs[media == CHALK_MEDIA_AUDIO] = packet->codec;
    p->has_key = p->has_key || (!packet->config && packet->key);
    p->entries[p->count++] = (entry){media, *packet};
    return CHALK_OK;
}

static int keep_tag(ck_prepared *p, ck_intake *in, ck_flv_tag *tag)
{
    uint32_t media = 0;
    const char *refused = NULL;
    ck_packet packet;
    int status = ck_intake_tag(in, tag, &media, &packet, &refused);
    ck_slice_unref(&tag->body);
    if (status == CHALK_OK) {
        return keep(p, media, &packet);
    }
    return status == CHALK_ERR_AGAIN ? CHALK_OK : status; /* such as metadata: of no matter here */
}

static int read_tags(ck_prepared *p, ck_flv_demux *demux, ck_intake *in)
{
    ck_flv_tag tag;
    int status = ck_flv_demux_poll_tag(demux, &tag);
    while (status == CHALK_OK) {
        status = keep_tag(p, in, &tag);
        if (status == CHALK_OK) {
            status = ck_flv_demux_poll_tag(demux, &tag);
        }
    }
    return status == CHALK_ERR_AGAIN ? CHALK_OK : status;
}

static int read_file(ck_prepared *p, ck_file file)
{
    static const ck_flv_demux_config config = {.alloc = &ck_heap};
    uint8_t *bytes = ck_new(&ck_heap, READ_AT_ONCE);
    ck_intake in = {0};
    ck_flv_demux demux;
    ck_flv_demux_init(&demux, &config);
    int status = bytes != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    size_t got = 1;
    for (uint64_t at = 0; status == CHALK_OK && got > 0; at += got) {
        status = ck_file_read(file, at, bytes, READ_AT_ONCE, &got);
        if (status == CHALK_OK && got > 0) {
            status = ck_flv_demux_feed(&demux, bytes, got);
        }
        status = status == CHALK_OK && got > 0 ? read_tags(p, &demux, &in) : status;
    }
    ck_flv_demux_free(&demux);
    ck_free(&ck_heap, bytes);
    return status;
}

/* Configurations have no time of their own: here they go out with what follows them. */
static int set_times(ck_prepared *p)
{
    int64_t least_us = INT64_MAX, most_us = INT64_MIN;
    for (size_t i = 0; i < p->count; i++) {
        const ck_packet *packet = &p->entries[i].packet;
        least_us = packet->config ? least_us : CK_MIN(least_us, packet->dts_us);
        most_us = packet->config ? most_us : CK_MAX(most_us, packet->dts_us);
    }
    if (!p->has_key) {
        return CHALK_ERR_NO_MEDIA;
    }
    p->first_us = least_us;
    p->round_us = most_us - least_us + GAP_US;
    int64_t next_us = most_us; /* behind the last one */
    for (size_t i = p->count; i > 0; i--) {
        ck_packet *packet = &p->entries[i - 1].packet;
        if (packet->config) {
            packet->dts_us = packet->pts_us = next_us;
        }
        next_us = packet->dts_us;
    }
    return CHALK_OK;
}

int ck_prepared_load(const char *path, ck_prepared **out)
{
    ck_file file = CK_FILE_NONE;
    uint64_t size = 0;
    ck_prepared *p = ck_new(&ck_heap, sizeof *p);
    if (p == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    atomic_init(&p->references, 1);
    int status = ck_file_open(path, &file);
    if (status == CHALK_OK) {
        status = ck_file_size(file, &size);
    }
    if (status == CHALK_OK) {
        status = size <= CK_PREPARED_BYTES ? read_file(p, file) : CHALK_ERR_TOO_LARGE;
    }
    if (status == CHALK_OK) {
        status = set_times(p);
    }
    ck_file_close(&file);
    if (status < 0) {
        ck_prepared_unref(&p);
        return status;
    }
    *out = p;
    return CHALK_OK;
}

void ck_prepared_ref(ck_prepared *p)
{
    atomic_fetch_add(&p->references, 1);
}

void ck_prepared_unref(ck_prepared **prepared)
{
    ck_prepared *p = *prepared;
    *prepared = NULL;
    if (p == NULL || atomic_fetch_sub(&p->references, 1) != 1) {
        return;
    }
    for (size_t i = 0; i < p->count; i++) {
        ck_packet_unref(&p->entries[i].packet);
    }
    ck_free(&ck_heap, p->entries);
    ck_free(&ck_heap, p);
}

uint32_t ck_prepared_codec(const ck_prepared *p, uint32_t media)
{
    return p->codecs[media == CHALK_MEDIA_AUDIO];
}

/* --- sending --------------------------------------------------------------------------------- */

struct ck_pacer {
    ck_loop *loop;
    ck_timer *timer;
    ck_prepared *prepared;
    ck_pacer_host host;
    size_t next;
    int64_t line_us;   /* what is added to times of the file in this round */
    uint64_t begun_us; /* when the line's 0 was */
};

static uint64_t due_us(const ck_pacer *c)
{
    return c->begun_us + (uint64_t)(c->prepared->entries[c->next].packet.dts_us + c->line_us);
}

static void send_next(ck_pacer *c)
{
    const entry *e = &c->prepared->entries[c->next];
    ck_packet packet = e->packet; /* a look at the same payload */
    packet.dts_us += c->line_us;
    packet.pts_us += c->line_us;
    c->host.packet(c->host.user, e->media, &packet);
    if (++c->next == c->prepared->count) {
        c->next = 0;
        c->line_us += c->prepared->round_us;
    }
}

static void on_timer(void *user, uint64_t now_us)
{
    ck_pacer *c = user;
    size_t most = c->prepared->count;
    while (due_us(c) <= now_us && most > 0) {
        send_next(c);
        most--;
    }
    if (due_us(c) < now_us) { /* who was stopped for so long goes on from now */
        c->begun_us += now_us - due_us(c);
    }
    ck_timer_set(c->timer, due_us(c));
}

int ck_pacer_create(ck_loop *loop, ck_prepared *prepared, const ck_pacer_host *host, ck_pacer **out)
{
    ck_pacer *c = ck_new(&ck_heap, sizeof *c);
    if (c == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    c->loop = loop;
    c->host = *host;
    int status = ck_timer_create(loop, on_timer, c, &c->timer);
    if (status < 0) {
        ck_free(&ck_heap, c);
        return status;
    }
    ck_prepared_ref(prepared);
    c->prepared = prepared;
    c->line_us = -prepared->first_us;
    c->begun_us = ck_loop_now_us(loop);
    ck_timer_set(c->timer, c->begun_us);
    *out = c;
    return CHALK_OK;
}

void ck_pacer_destroy(ck_pacer **pacer)
{
    ck_pacer *c = *pacer;
    *pacer = NULL;
    if (c != NULL) {
        ck_timer_destroy(&c->timer);
        ck_prepared_unref(&c->prepared);
        ck_free(&ck_heap, c);
    }
}
