#include "media_server.h"

#include "core/flv/audio.h"
#include "core/flv/video.h"
#include "support/check.h"

static void drop_connection(media_server *s)
{
    ck_rtmp_free(&s->rtmp);
    ck_stream_destroy(&s->stream);
}

static void flush(media_server *s)
{
    ck_out out;
    while (s->rtmp != NULL && ck_rtmp_poll_output(s->rtmp, &out, ck_clock_us())) {
        if (ck_stream_write_out(s->stream, &out) < 0) {
            ck_slice_unref(&out.body);
        }
    }
}

static void keep_tag(media_server *s, const ck_flv_tag *tag)
{
    CK_CHECK(s->tag_count < SERVER_TAGS);
    const uint8_t *data = tag->body.data;
    size_t size = tag->body.size;
    s->tags[s->tag_count++] = (server_tag){
        .type = tag->type,
        .key = tag->type == CK_FLV_VIDEO && ck_flv_video_is_key(data, size),
        .config = tag->type == CK_FLV_VIDEO   ? ck_flv_video_is_config(data, size)
                  : tag->type == CK_FLV_AUDIO ? ck_flv_audio_is_config(data, size)
                                              : false,
        .timestamp_ms = tag->timestamp_ms,
        .size = size,
    };
}

static void take_event(media_server *s, ck_rtmp_event *event)
{
    bool stream =
        event->kind == CK_RTMP_EV_PUBLISH_REQUEST || event->kind == CK_RTMP_EV_PLAY_REQUEST;
    if (stream && s->reject < 0) {
        CK_CHECK_EQ(ck_rtmp_reject(s->rtmp, event->request, s->reject, s->words, ck_clock_us()), 0);
    } else if (stream || event->kind == CK_RTMP_EV_CONNECT_REQUEST) {
        CK_CHECK_EQ(ck_rtmp_accept(s->rtmp, event->request, ck_clock_us()), 0);
    } else if (event->kind == CK_RTMP_EV_MEDIA) {
        keep_tag(s, &event->media);
    }
    s->ended += event->kind == CK_RTMP_EV_STREAM_ENDED;
    ck_rtmp_event_free(event);
}

static void feed_rtmp(media_server *s, const uint8_t *data, size_t size)
{
    while (size > 0) {
        size_t used = 0;
        int status = ck_rtmp_feed(s->rtmp, data, size, ck_clock_us(), &used);
        ck_rtmp_event event;
        while (ck_rtmp_poll_event(s->rtmp, &event)) {
            take_event(s, &event);
        }
        flush(s);
        if (status < 0) {
            ck_stream_close(s->stream, 1000, CHALK_OK);
            return;
        }
        data += used;
        size -= used;
    }
}

static void answer(media_server *s)
{
    s->answered = true;
    if (s->script_size > 0) {
        CK_CHECK_EQ(ck_stream_write_copy(s->stream, s->script, s->script_size), CHALK_OK);
    }
    if (s->then == SERVER_ENDS) {
        ck_stream_close(s->stream, 1000, CHALK_OK);
    } else if (s->then == SERVER_RESETS) {
        ck_stream_flush(s->stream);
        drop_connection(s);
    }
}

static void on_data(void *user, ck_stream *stream, const uint8_t *data, size_t size)
{
    (void)stream;
    media_server *s = user;
    if (s->kind == SERVER_RTMP) {
        feed_rtmp(s, data, size);
    } else if (s->kind == SERVER_SCRIPT && !s->answered) {
        answer(s);
    }
}

static void on_closed(void *user, ck_stream *stream, int status)
{
    (void)stream;
    (void)status;
    drop_connection(user);
}

static int on_accepted(void *user, ck_socket socket, const char *peer)
{
    (void)peer;
    media_server *s = user;
    drop_connection(s);
    s->accepted++;
    s->answered = false;
    if (s->kind == SERVER_RTMP) {
        const ck_rtmp_config config = {.alloc = &ck_heap, .role = CK_RTMP_SERVER};
        CK_CHECK_EQ(ck_rtmp_init(&s->rtmp, &config, 1, ck_clock_us()), CHALK_OK);
    }
    const ck_stream_config config = {
        .loop = s->loop, .events = {.data = on_data, .closed = on_closed}, .user = s};
    return ck_stream_adopt(&config, socket, &s->stream);
}

void media_server_start(media_server *s, ck_loop *loop)
{
    s->loop = loop;
    const ck_listener_config config = {.loop = loop, .accepted = on_accepted, .user = s};
    CK_CHECK_EQ(ck_listener_create(&config, &s->listener), CHALK_OK);
}

void media_server_stop(media_server *s)
{
    drop_connection(s);
    ck_listener_destroy(&s->listener);
}

uint16_t media_server_port(const media_server *s)
{
    return ck_listener_port(s->listener);
}

void media_server_cut(media_server *s)
{
    CK_CHECK(s->stream != NULL);
    drop_connection(s);
}

void media_server_send(media_server *s, const ck_flv_tag *tag)
{
    CK_CHECK_EQ(ck_rtmp_send(s->rtmp, tag), CHALK_OK);
    flush(s);
}
