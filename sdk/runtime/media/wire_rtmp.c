#include "runtime/media/wire.h"

#include "base/bytes.h"
#include "core/rtmp/rtmp.h"
#include "core/url/rtmp_target.h"
#include "runtime/media/tags.h"
#include "runtime/os/os.h"

struct ck_wire {
    ck_rtmp *rtmp;
    ck_stream *stream;
    ck_wire_host host;
    bool finishing;
    bool over; /* CLOSED was reported */
};

static void add_codec(ck_rtmp_config *rtmp, uint32_t codec, bool audio, uint8_t can, bool required)
{
    ck_rtmp_codec *entry = &rtmp->codecs[rtmp->codec_count++];
    *entry = (ck_rtmp_codec){.audio = audio, .can = can, .required = required};
    ck_store_be32((uint8_t *)entry->fourcc, ck_fourcc_of_codec(codec));
}

/* A player says what it decodes. A publisher of H.264 and AAC says nothing, as ever: their heads
 * are FLV's own. With any other codec all that is sent is announced, and the others are required.
 */
static void announce_codecs(ck_rtmp_config *rtmp, const ck_wire_config *config)
{
    if (config->kind == CK_SESSION_PLAY) {
        add_codec(rtmp, CHALK_CODEC_H264, false, CK_RTMP_CAN_DECODE, false);
        add_codec(rtmp, CHALK_CODEC_VP8, false, CK_RTMP_CAN_DECODE, false);
        add_codec(rtmp, CHALK_CODEC_AAC, true, CK_RTMP_CAN_DECODE, false);
        add_codec(rtmp, CHALK_CODEC_OPUS, true, CK_RTMP_CAN_DECODE, false);
        return;
    }
    bool vp8 = config->video_codec == CHALK_CODEC_VP8;
    bool opus = config->audio_codec == CHALK_CODEC_OPUS;
    if ((vp8 || opus) && config->video_codec != 0) {
        add_codec(rtmp, config->video_codec, false, CK_RTMP_CAN_ENCODE, vp8);
    }
    if ((vp8 || opus) && config->audio_codec != 0) {
        add_codec(rtmp, config->audio_codec, true, CK_RTMP_CAN_ENCODE, opus);
    }
}

static int rtmp_open(const ck_wire_config *config, ck_wire **out)
{
    ck_rtmp_target target;
    int status = ck_rtmp_target_from_url(config->url, &target);
    if (status < 0) {
        return status;
    }
    ck_wire *w = ck_new(&ck_heap, sizeof *w);
    if (w == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    w->stream = config->stream;
    w->host = config->host;
    ck_rtmp_config rtmp = {
        .alloc = &ck_heap,
        .role = CK_RTMP_CLIENT,
        .mode = config->kind == CK_SESSION_PUBLISH ? CK_RTMP_PUBLISH : CK_RTMP_PLAY,
        .tc_url = target.tc_url,
        .app = target.app,
        .stream = target.stream,
        .key_frames = true,
    };
    announce_codecs(&rtmp, config);
    status = ck_rtmp_init(&w->rtmp, &rtmp, config->seed, config->now_us);
    if (status < 0) {
        ck_free(&ck_heap, w);
        return status;
    }
    *out = w;
    return CHALK_OK;
}

static void on_closed(ck_wire *w, const ck_rtmp_event *event)
{
    w->over = true;
    if (w->finishing) {
        w->host.finished(w->host.user);
    } else {
        int status = event->closed.status;
        w->host.ended(w->host.user, status < 0 ? status : CHALK_ERR_PEER_CLOSED,
                      event->closed.text);
    }
}

static void report_events(ck_wire *w)
{
    ck_rtmp_event event;
    while (!w->over && ck_rtmp_poll_event(w->rtmp, &event)) {
        switch (event.kind) {
        case CK_RTMP_EV_PUBLISH_STARTED:
        case CK_RTMP_EV_PLAY_STARTED:
            w->host.accepted(w->host.user);
            break;
        case CK_RTMP_EV_KEY_FRAME:
            w->host.key_frame(w->host.user);
            break;
        case CK_RTMP_EV_MEDIA:
            w->host.tag(w->host.user, &event.media);
            break;
        case CK_RTMP_EV_CLOSED:
            on_closed(w, &event);
            break;
        default: /* CONNECTED, RTT: nothing to do */
            ck_rtmp_event_free(&event);
            break;
        }
    }
}

/* The kernel's share is left out: it is small by itself, and when it has been sent nobody tells. */
static bool has_room(const ck_wire *w)
{
    ck_stream_stats stats;
    ck_stream_get_stats(w->stream, &stats);
    return stats.queued + stats.encrypted < CK_WIRE_AHEAD_BYTES;
}

static void rtmp_flush(ck_wire *w, uint64_t now_us)
{
    ck_out out;
    while (has_room(w) && ck_rtmp_poll_output(w->rtmp, &out, now_us)) {
        if (ck_stream_write_out(w->stream, &out) < 0) {
            ck_slice_unref(&out.body); /* the stream is closing; its `closed` tells */
            return;
        }
    }
    report_events(w);
}

static void rtmp_data(ck_wire *w, const uint8_t *data, size_t size, uint64_t now_us)
{
    while (size > 0 && !w->over) {
        size_t used = 0;
        int status = ck_rtmp_feed(w->rtmp, data, size, now_us, &used);
        report_events(w);
        if (status < 0) {
            break;
        }
        data += used;
        size -= used;
    }
    rtmp_flush(w, now_us);
}

static void rtmp_ended(ck_wire *w)
{
    if (!w->over) {
        w->over = true;
        if (w->finishing) {
            w->host.finished(w->host.user);
        } else {
            w->host.ended(w->host.user, CHALK_ERR_PEER_CLOSED, "");
        }
    }
}

static int rtmp_send(ck_wire *w, const ck_flv_tag *tag)
{
    return ck_rtmp_send(w->rtmp, tag);
}

static bool rtmp_asks_key_frames(const ck_wire *w)
{
    return ck_rtmp_asks_key_frames(w->rtmp);
}

static int rtmp_ask_key_frame(ck_wire *w)
{
    return ck_rtmp_ask_key_frame(w->rtmp);
}

static size_t rtmp_queued(const ck_wire *w)
{
    return ck_rtmp_queued_bytes(w->rtmp);
}

static size_t rtmp_drop_pictures(ck_wire *w)
{
    return ck_rtmp_drop_queued(w->rtmp, CK_FLV_VIDEO);
}

static void rtmp_finish(ck_wire *w, uint64_t now_us)
{
    w->finishing = true;
    if (ck_rtmp_close(w->rtmp, now_us) < 0) {
        rtmp_ended(w);
    }
}

static uint64_t rtmp_next_deadline(const ck_wire *w)
{
    return ck_rtmp_next_deadline(w->rtmp);
}

static void rtmp_on_deadline(ck_wire *w, uint64_t now_us)
{
    ck_rtmp_on_deadline(w->rtmp, now_us);
    rtmp_flush(w, now_us);
}

static void rtmp_free(ck_wire **w)
{
    if (*w != NULL) {
        ck_rtmp_free(&(*w)->rtmp);
        ck_free(&ck_heap, *w);
        *w = NULL;
    }
}

const ck_wire_ops ck_wire_rtmp = {
    .open = rtmp_open,
    .data = rtmp_data,
    .ended = rtmp_ended,
    .flush = rtmp_flush,
    .send = rtmp_send,
    .asks_key_frames = rtmp_asks_key_frames,
    .ask_key_frame = rtmp_ask_key_frame,
    .queued = rtmp_queued,
    .drop_pictures = rtmp_drop_pictures,
    .finish = rtmp_finish,
    .next_deadline = rtmp_next_deadline,
    .on_deadline = rtmp_on_deadline,
    .free = rtmp_free,
};
