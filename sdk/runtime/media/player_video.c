#include "runtime/media/player_inside.h"

#include "base/check.h"
#include "core/flv/avcc.h"
#include "core/h264/rewrite.h"
#include "core/h264/stamp.h"

#include <string.h>

#define WAIT_US    10000 /* between two looks at pictures that nobody takes */
#define UNIT_MAX   (32u << 20)
#define UNTAKEN_US 1000000 /* nobody asked for a picture for so long: nobody does */
#define MEAN_SHIFT 4       /* smoothing of the time that decoding takes: 1/16 */

/* The decoding thread's own. */
typedef struct video_worker {
    ck_player *player;
    const ck_decoder_backend *backend;
    ck_decoder *decoder;
    enum ck_h264_framing framing; /* of what is received; the decoder's is CK_H264_AVCC_4 */
} video_worker;

/* With the lock held: makes room when nobody takes pictures in time. The oldest goes once the one
 * after it is due. While sound stands still nothing becomes due; that is noticed when somebody asks
 * for pictures, so if nobody does, the oldest makes room as well. */
static void expire(ck_player *p)
{
    uint64_t now_us = ck_clock_us();
    int64_t position_us;
    bool running = ck_player_position(p, now_us, &position_us);
    while (running && p->picture_count > 1 && p->pictures[1]->info.pts_us <= position_us) {
        ck_player_drop_pictures(p, p->picture_count - 1);
    }
    if (!running && p->video_queue.count > 0 && now_us - p->asked_us > UNTAKEN_US) {
        ck_player_drop_pictures(p, p->picture_count - 1);
    }
}

/* With the lock held, but for the time that the decoder takes. The pictures in hand went when the
 * line broke. */
static void flush(video_worker *w)
{
    ck_player *p = w->player;
    p->flush_video = false;
    uv_mutex_unlock(&p->lock);
    if (w->decoder != NULL) {
        w->backend->reset(w->decoder);
    }
    uv_mutex_lock(&p->lock);
}

/* False: stop. */
static bool next_packet(video_worker *w, ck_packet *packet)
{
    ck_player *p = w->player;
    bool got = false;
    uv_mutex_lock(&p->lock);
    while (!p->stop && !got) {
        if (p->flush_video) {
            flush(w);
            continue; /* meanwhile all may have changed */
        }
        if (p->picture_count == CK_PLAYER_PICTURES) {
            expire(p);
        }
        bool room = p->picture_count < CK_PLAYER_PICTURES;
        got = room && ck_player_pop(p, packet);
        if (!got && p->video_queue.count > 0) {
            (void)uv_cond_timedwait(&p->video_wake, &p->lock, (uint64_t)WAIT_US * 1000);
        } else if (!got) {
            uv_cond_wait(&p->video_wake, &p->lock);
        }
    }
    uv_mutex_unlock(&p->lock);
    return got;
}

static int read_framing(video_worker *w, const ck_packet *config)
{
    ck_avcc record;
    int status = ck_avcc_parse(config->payload.data, config->payload.size, &record);
    w->framing = status == CHALK_OK ? (enum ck_h264_framing)record.length_size : w->framing;
    return status;
}

static int configure(video_worker *w, const ck_packet *config)
{
    int status = config->codec == CHALK_CODEC_H264 ? read_framing(w, config) : CHALK_OK;
    if (status < 0) {
        return status;
    }
    if (w->decoder != NULL && w->backend->codec == config->codec) {
        return w->backend->send(w->decoder, config);
    }
    if (w->decoder != NULL) {
        w->backend->close(&w->decoder); /* the publisher changed its codec */
    }
    const ck_decoder_backend *const *decoders = w->player->config.codecs->decoders;
    status = CHALK_ERR_CODEC_UNKNOWN;
    for (size_t i = 0; decoders[i] != NULL && w->decoder == NULL; i++) {
        if (decoders[i]->codec == config->codec) {
            w->backend = decoders[i];
            status = w->backend->open(config->codec, config->payload, w->player->config.log,
                                      &w->decoder);
        }
    }
    return status;
}

/* A broken unit is told by the decoder; here it merely has no stamp, as VP8 never has. */
static void read_stamp(video_worker *w, const ck_packet *packet)
{
    ck_h264_stamp stamp;
    ck_player *p = w->player;
    if (packet->codec != CHALK_CODEC_H264 ||
        ck_h264_stamp_find(w->framing, packet->payload.data, packet->payload.size, &stamp) !=
            CHALK_OK) {
        return;
    }
    uv_mutex_lock(&p->lock);
    if (!p->flush_video) {
        ck_room_pair(&p->room, CK_ROOM_PICTURE, packet->pts_us, stamp.room_us, ck_clock_us());
    }
    ck_room_change change = ck_player_room_change(p);
    uv_mutex_unlock(&p->lock);
    ck_player_tell_room(p, change);
}

static void hand_over(video_worker *w, chalk_video_frame *frame)
{
    ck_player *p = w->player;
    uv_mutex_lock(&p->lock);
    bool first = p->stats.frames_decoded == 0;
    bool wanted = !p->flush_video && p->picture_count < CK_PLAYER_PICTURES;
    p->stats.frames_decoded++;
    p->stats.width = (uint32_t)frame->info.width;
    p->stats.height = (uint32_t)frame->info.height;
    if (first) {
        p->stats.first_picture_us = ck_clock_us() - p->created_us;
    }
    if (wanted) {
        p->pictures[p->picture_count++] = frame;
    } else {
        p->stats.frames_dropped++;
        chalk_video_frame_unref(&frame);
    }
    int64_t since_us = (int64_t)p->stats.first_picture_us;
    uv_mutex_unlock(&p->lock);
    if (first) {
        ck_player_notify(p, CK_PLAYER_FIRST_PICTURE, CHALK_OK, since_us, "");
    }
}

static int receive(video_worker *w)
{
    int status = CHALK_OK;
    while (status == CHALK_OK) {
        chalk_video_frame *frame = NULL;
        status = w->backend->receive_video(w->decoder, &frame);
        if (status == CHALK_OK) {
            hand_over(w, frame);
        }
    }
    return status == CHALK_ERR_AGAIN ? CHALK_OK : status;
}

static int decode_unit(video_worker *w, const ck_packet *packet)
{
    int status = w->backend->send(w->decoder, packet);
    if (status == CHALK_ERR_AGAIN) {
        (void)receive(w); /* makes room; what it cannot decode was sent before */
        status = w->backend->send(w->decoder, packet);
    }
    return status == CHALK_OK ? receive(w) : status;
}

/* Few streams have shorter lengths before their NAL units than the four bytes of ours. */
static int decode_reframed(video_worker *w, const ck_packet *packet)
{
    ck_buf unit;
    ck_buf_init(&unit, &ck_heap, UNIT_MAX);
    const ck_h264_rewrite how = {.from = w->framing, .to = CK_H264_AVCC_4};
    int status = ck_h264_rewrite_unit(&how, packet->payload.data, packet->payload.size, &unit);
    if (status >= 0) {
        ck_packet reframed = *packet;
        reframed.payload = ck_slice_static(unit.data, unit.size);
        status = decode_unit(w, &reframed);
    }
    ck_buf_free(&unit);
    return status;
}

static int decode(video_worker *w, const ck_packet *packet)
{
    if (packet->config) {
        return configure(w, packet);
    }
    if (w->decoder == NULL) {
        return CHALK_OK; /* no configuration yet: nothing could be made of it */
    }
    read_stamp(w, packet);
    bool reframe = packet->codec == CHALK_CODEC_H264 && w->framing != CK_H264_AVCC_4;
    return reframe ? decode_reframed(w, packet) : decode_unit(w, packet);
}

void ck_player_run_video(void *player)
{
    ck_thread_name("chalk-decode-v");
    video_worker w = {.player = player, .framing = CK_H264_AVCC_4};
    ck_packet packet;
    while (next_packet(&w, &packet)) {
        uint64_t cpu_us = ck_thread_cpu_us(), began_us = ck_clock_us();
        int status = decode(&w, &packet);
        int64_t took_us = (int64_t)(ck_clock_us() - began_us);
        ck_packet_unref(&packet);
        uv_mutex_lock(&w.player->lock);
        w.player->decode_mean_us += (took_us - w.player->decode_mean_us) / (1 << MEAN_SHIFT);
        ck_player_decoded(w.player, CK_LINE_PICTURE, status, ck_clock_us());
        w.player->stats.decode_us += ck_thread_cpu_us() - cpu_us;
        uv_mutex_unlock(&w.player->lock);
    }
    if (w.decoder != NULL) {
        w.backend->close(&w.decoder);
    }
}
