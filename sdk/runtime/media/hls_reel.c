#include "runtime/media/hls_reel.h"

#include "base/check.h"
#include "base/text.h"
#include "runtime/os/os.h"

#include <string.h>

#define SEGMENTS_MAX 16          /* that wait to be taken apart */
#define BYTES_MAX    (48u << 20) /* of those */
#define PACKETS_MAX  2048        /* of each medium */
#define AHEAD_US     1000000     /* packets are made so far ahead of the pace */
#define GRAIN_US     10000       /* what is due within this goes at once: fewer wake-ups */
#define BAD_SEGMENTS 3           /* in a row that hold nothing */

int ck_hls_reel_init(ck_hls_reel *r, const ck_codec_set *codecs,
                     void (*give)(void *user, uint32_t media, const ck_packet *packet), void *user)
{
    memset(r, 0, sizeof *r);
    r->codecs = codecs;
    r->give = give;
    r->user = user;
    r->due_us = CK_NEVER;
    ck_hls_line_init(&r->line);
    int status = ck_ring_init(&r->waiting, &ck_heap, sizeof(ck_hls_segment), SEGMENTS_MAX);
    for (int i = 0; i < CK_REEL_MEDIA && status == CHALK_OK; i++) {
        status = ck_ring_init(&r->packets[i], &ck_heap, sizeof(ck_packet), PACKETS_MAX);
    }
    return status;
}

void ck_hls_segment_drop(const ck_codec_set *codecs, ck_hls_segment *s)
{
    codecs->demuxer_close(&s->demuxer);
    s->size = 0;
}

void ck_hls_reel_free(ck_hls_reel *r)
{
    ck_packet packet;
    if (r->codecs == NULL) {
        return; /* it was not initialised */
    }
    ck_hls_segment_drop(r->codecs, &r->current);
    while (ck_ring_pop(&r->waiting, &r->current)) {
        ck_hls_segment_drop(r->codecs, &r->current);
    }
    ck_ring_free(&r->waiting);
    for (int i = 0; i < CK_REEL_MEDIA; i++) {
        while (ck_ring_pop(&r->packets[i], &packet)) {
            ck_packet_unref(&packet);
        }
        ck_ring_free(&r->packets[i]);
        ck_slice_unref(&r->configs[i]);
    }
}

void ck_hls_reel_add(ck_hls_reel *r, ck_hls_segment *s)
{
    if (ck_ring_push(&r->waiting, s)) {
        r->waiting_bytes += s->size;
        r->waiting_us += CK_MAX(s->get.duration_us, 0);
        s->demuxer = NULL;
    }
    ck_hls_segment_drop(r->codecs, s);
}

static bool next_segment(ck_hls_reel *r)
{
    if (!ck_ring_pop(&r->waiting, &r->current)) {
        return false;
    }
    const ck_hls_get *get = &r->current.get;
    r->waiting_bytes -= r->current.size;
    r->waiting_us -= CK_MAX(get->duration_us, 0);
    r->current_gave = false;
    r->has_position = true;
    r->position = get->sequence + 1;
    ck_demuxer_stamps stamps = r->codecs->demuxer_stamps(r->current.demuxer);
    ck_hls_line_segment(&r->line, get->broken || stamps == CK_STAMPS_ALONE,
                        stamps == CK_STAMPS_WRAP, get->date_us);
    return true;
}

static void give_up(ck_hls_reel *r, int status, const char *problem)
{
    r->status = status;
    (void)ck_text_copy(r->problem, sizeof r->problem, problem); /* cut is good enough */
}

static void end_segment(ck_hls_reel *r, int status, const char *refused, bool last)
{
    r->bad = r->current_gave ? 0 : r->bad + 1;
    bool nothing = last && r->bad > 0 && r->waiting.count == 0 && !r->line.started;
    if (status == CHALK_ERR_CODEC_UNKNOWN || status == CHALK_ERR_NO_MEMORY) {
        give_up(r, status, refused != NULL ? refused : "");
    } else if (r->bad >= BAD_SEGMENTS || nothing) {
        give_up(r, CHALK_ERR_BAD_DATA, "the segments hold no H.264 and no AAC");
    }
    ck_hls_segment_drop(r->codecs, &r->current);
}

/* Every segment begins with its configuration: what is not new is left out. */
static bool is_old_config(const ck_hls_reel *r, int medium, const ck_packet *packet)
{
    const ck_slice *last = &r->configs[medium];
    return last->size == packet->payload.size &&
           memcmp(last->data, packet->payload.data, last->size) == 0;
}

static void queue_packet(ck_hls_reel *r, uint32_t media, ck_packet *packet)
{
    int medium = media == CHALK_MEDIA_VIDEO ? CK_REEL_VIDEO : CK_REEL_AUDIO;
    if (packet->config) {
        if (is_old_config(r, medium, packet)) {
            ck_packet_unref(packet);
            return;
        }
        ck_slice_unref(&r->configs[medium]);
        r->configs[medium] = ck_slice_ref(packet->payload);
        packet->dts_us = INT64_MIN; /* goes with what comes after it */
    } else {
        bool first = !r->line.started;
        ck_hls_time time = ck_hls_line_time(&r->line, packet->dts_us, packet->pts_us);
        r->played_us = first ? time.dts_us : r->played_us;
        packet->dts_us = time.dts_us;
        packet->pts_us = time.pts_us;
        packet->room_us = (uint64_t)time.room_us;
        r->current_gave = true;
    }
    if (!ck_ring_push(&r->packets[medium], packet)) {
        ck_packet_unref(packet);
    }
}

static bool wants_packets(const ck_hls_reel *r)
{
    bool room = r->packets[CK_REEL_VIDEO].count < PACKETS_MAX &&
                r->packets[CK_REEL_AUDIO].count < PACKETS_MAX;
    bool ahead = r->line.started && r->line.newest_us - r->played_us >= AHEAD_US &&
                 r->packets[CK_REEL_VIDEO].count + r->packets[CK_REEL_AUDIO].count > 0;
    return room && !ahead && r->status == CHALK_OK;
}

static void make_packets(ck_hls_reel *r, bool last)
{
    while (wants_packets(r) && (r->current.demuxer != NULL || next_segment(r))) {
        uint32_t media = 0;
        const char *refused = NULL;
        ck_packet packet;
        int status = r->codecs->demuxer_receive(r->current.demuxer, &media, &packet, &refused);
        if (status == CHALK_OK) {
            queue_packet(r, media, &packet);
        } else {
            end_segment(r, status, refused, last);
        }
    }
}

/* The queue whose packet comes first; NULL when both are empty. */
static ck_ring *first_queue(ck_hls_reel *r)
{
    const ck_packet *video = ck_ring_at(&r->packets[CK_REEL_VIDEO], 0);
    const ck_packet *audio = ck_ring_at(&r->packets[CK_REEL_AUDIO], 0);
    if (video == NULL || audio == NULL) {
        return video != NULL   ? &r->packets[CK_REEL_VIDEO]
               : audio != NULL ? &r->packets[CK_REEL_AUDIO]
                               : NULL;
    }
    return audio->dts_us < video->dts_us ? &r->packets[CK_REEL_AUDIO] : &r->packets[CK_REEL_VIDEO];
}

static void give(ck_hls_reel *r, ck_ring *queue)
{
    ck_packet packet;
    (void)ck_ring_pop(queue, &packet); /* its first was looked at */
    uint32_t media = queue == &r->packets[CK_REEL_VIDEO] ? CHALK_MEDIA_VIDEO : CHALK_MEDIA_AUDIO;
    if (packet.config) {
        packet.dts_us = packet.pts_us = 0;
    } else {
        r->played_us = packet.dts_us;
    }
    r->give(r->user, media, &packet);
    ck_packet_unref(&packet);
}

int ck_hls_reel_release(ck_hls_reel *r, bool last, uint64_t now_us)
{
    r->due_us = CK_NEVER;
    while (r->status == CHALK_OK) {
        make_packets(r, last);
        ck_ring *queue = first_queue(r);
        if (queue == NULL) {
            break;
        }
        const ck_packet *packet = ck_ring_at(queue, 0);
        uint64_t due_us =
            packet->config ? now_us : ck_hls_pace_due(&r->pace, packet->dts_us, now_us);
        if (due_us > now_us + GRAIN_US) {
            r->due_us = due_us;
            break;
        }
        give(r, queue);
    }
    return r->status;
}

bool ck_hls_reel_is_empty(const ck_hls_reel *r)
{
    return r->packets[CK_REEL_VIDEO].count == 0 && r->packets[CK_REEL_AUDIO].count == 0 &&
           r->current.demuxer == NULL && r->waiting.count == 0;
}

uint64_t ck_hls_reel_in_hand(const ck_hls_reel *r)
{
    bool full = r->waiting.count == SEGMENTS_MAX || r->waiting_bytes >= BYTES_MAX;
    int64_t ahead_us = r->line.started ? r->line.newest_us - r->played_us : 0;
    return full ? CK_NEVER : (uint64_t)(CK_MAX(ahead_us, 0) + r->waiting_us);
}
