#include "platform/file/track.h"

#include "platform/file/quiet.h"

#include "chalkrail/errors.h"

#include "base/time.h"
#include "runtime/os/os.h"

#include <errno.h>
#include <libavutil/avutil.h>

static const AVRational microseconds = {1, 1000000};

static int open_decoder(ck_track *t, const AVCodec *codec)
{
    t->decoder = avcodec_alloc_context3(codec);
    t->frame = av_frame_alloc();
    if (t->decoder == NULL || t->frame == NULL ||
        avcodec_parameters_to_context(t->decoder, t->stream->codecpar) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    t->decoder->log_level_offset = CK_AV_SILENT;
    t->decoder->pkt_timebase = t->stream->time_base;
    t->decoder->thread_count = 0; /* as many as there are cores: a 1080p file is to keep up */
    return avcodec_open2(t->decoder, codec, NULL) == 0 ? CHALK_OK : CHALK_ERR_CODEC;
}

int ck_track_open(ck_track *t, AVFormatContext *container, enum AVMediaType type)
{
    *t = (ck_track){.index = -1, .from_us = INT64_MIN, .time_us = INT64_MIN / 2};
    const AVCodec *codec = NULL;
    int index = av_find_best_stream(container, type, -1, -1, &codec, 0);
    if (index == AVERROR_DECODER_NOT_FOUND) {
        return CHALK_ERR_CODEC_UNKNOWN;
    }
    /* The cover of a piece of music is no moving picture. */
    if (index < 0 || (container->streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
        return CHALK_OK;
    }
    t->stream = container->streams[index];
    if (container->start_time != AV_NOPTS_VALUE) {
        t->start_us = container->start_time; /* AV_TIME_BASE is microseconds */
    }
    int status = ck_ring_init(&t->packets, &ck_heap, sizeof(AVPacket *), CK_TRACK_PACKETS_MAX);
    if (status == CHALK_OK) {
        status = open_decoder(t, codec);
    }
    if (status == CHALK_OK) {
        t->index = index;
    } else {
        ck_track_close(t);
    }
    return status;
}

static void drop_packets(ck_track *t)
{
    AVPacket *packet = NULL;
    while (ck_ring_pop(&t->packets, &packet)) {
        av_packet_free(&packet);
    }
}

void ck_track_close(ck_track *t)
{
    drop_packets(t);
    ck_ring_free(&t->packets);
    av_frame_free(&t->frame);
    avcodec_free_context(&t->decoder);
    *t = (ck_track){.index = -1};
}

bool ck_track_exists(const ck_track *t)
{
    return t->index >= 0;
}

bool ck_track_has_room(const ck_track *t)
{
    return t->packets.count < t->packets.capacity;
}

bool ck_track_put(ck_track *t, AVPacket *packet)
{
    AVPacket *kept = av_packet_alloc();
    if (kept == NULL) {
        return false;
    }
    AVPacket *oldest = NULL;
    if (!t->wanted && !ck_track_has_room(t) && ck_ring_pop(&t->packets, &oldest)) {
        av_packet_free(&oldest);
    }
    av_packet_move_ref(kept, packet);
    if (!ck_ring_push(&t->packets, &kept)) {
        av_packet_free(&kept);
        return false;
    }
    return true;
}

static int64_t length_us(const ck_track *t)
{
    const AVFrame *f = t->frame;
    if (f->sample_rate > 0 && f->nb_samples > 0) {
        return (int64_t)f->nb_samples * CK_US_PER_S / f->sample_rate;
    }
    if (f->pkt_duration > 0) {
        return av_rescale_q(f->pkt_duration, t->stream->time_base, microseconds);
    }
    AVRational rate = t->stream->avg_frame_rate;
    return rate.num > 0 && rate.den > 0 ? av_rescale(CK_US_PER_S, rate.den, rate.num) : 40000;
}

/* A frame without a time, or one that goes back, follows the one before it. */
static void place_frame(ck_track *t)
{
    int64_t time = t->end_us;
    if (t->frame->best_effort_timestamp != AV_NOPTS_VALUE) {
        time = av_rescale_q(t->frame->best_effort_timestamp, t->stream->time_base, microseconds) -
               t->start_us;
    }
    t->time_us = time < t->time_us ? t->end_us : time;
    t->end_us = t->time_us + length_us(t);
    t->ready = t->time_us >= t->from_us;
}

static int feed_decoder(ck_track *t, bool last)
{
    AVPacket *packet = NULL;
    if (!ck_ring_pop(&t->packets, &packet)) {
        if (!last) {
            return CHALK_ERR_AGAIN;
        }
        if (t->draining) {
            return CHALK_ERR_CODEC; /* it wants more although it was told that there is none */
        }
        t->draining = true;
    }
    int status = avcodec_send_packet(t->decoder, packet); /* NULL drains */
    av_packet_free(&packet);
    /* A damaged packet costs its own picture or sound; what follows may be whole. */
    return status == AVERROR(ENOMEM) ? CHALK_ERR_NO_MEMORY : CHALK_OK;
}

int ck_track_decode(ck_track *t, bool last)
{
    int status = CHALK_OK;
    while (!t->ready && status == CHALK_OK) {
        int got = t->finished ? AVERROR_EOF : avcodec_receive_frame(t->decoder, t->frame);
        if (got == 0) {
            place_frame(t);
        } else if (got == AVERROR_EOF) {
            t->finished = true;
            status = CHALK_ERR_END;
        } else if (got == AVERROR(EAGAIN)) {
            status = feed_decoder(t, last);
        } else if (got != AVERROR_INVALIDDATA) {
            status = CHALK_ERR_CODEC;
        }
    }
    return status;
}

void ck_track_skip(ck_track *t, int64_t from_us)
{
    t->from_us = from_us;
    t->ready = t->ready && t->time_us >= from_us;
}

void ck_track_flush(ck_track *t)
{
    drop_packets(t);
    avcodec_flush_buffers(t->decoder);
    av_frame_unref(t->frame);
    t->ready = false;
    t->draining = false;
    t->finished = false;
    t->time_us = INT64_MIN / 2;
    t->end_us = 0;
    t->from_us = INT64_MIN;
}
