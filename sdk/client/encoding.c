/* Encodings of tracks: how what is carried is compressed, and when it is fed. */
#include "client/client.h"

#include "base/text.h"
#include "base/time.h"

#include <string.h>

#define BIT(media)     (1u << (media))
#define GOP_DEFAULT_MS 2000
#define FPS_DEFAULT    30

void chalk_encoding_options_init(chalk_encoding_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

static void on_video(void *user, chalk_video_frame *frame, bool whole)
{
    ck_client_encoding *e = user;
    ck_encoding_video(e->encoding, frame, whole);
}

static void on_audio(void *user, const ck_audio_block *block)
{
    ck_client_encoding *e = user;
    ck_encoding_audio(e->encoding, block);
}

static void on_chosen(void *user, int status, const char *text)
{
    ck_client_encoding *e = user;
    const chalk_event event = {
        .kind = CHALK_EVENT_ENCODER,
        .object = e->id,
        .cause = status,
        .origin = CHALK_ORIGIN_APP,
    };
    ck_events_put(&e->session->events, &event, text);
}

static void on_hinted(void *user, uint32_t hint, const char *reason)
{
    ck_client_encoding *e = user;
    const chalk_event event = {
        .kind = CHALK_EVENT_HINT,
        .object = e->id,
        .state = hint,
        .origin = CHALK_ORIGIN_APP,
    };
    ck_events_put(&e->session->events, &event, reason);
}

static void start_feeding(ck_client_encoding *e)
{
    ck_client_source *source = e->track->source;
    if (source == NULL || e->fed) {
        return;
    }
    int status = ck_feed_attach(source->feed, &e->taker);
    e->fed = status == CHALK_OK;
    if (status < 0) {
        ck_client_source_say(source, CHALK_SOURCE_LOST, status, "the source cannot be started");
    }
}

static void stop_feeding(ck_client_encoding *e)
{
    if (e->fed) {
        ck_feed_detach(e->track->source->feed, &e->taker);
        e->fed = false;
    }
}

void ck_client_encoding_use(ck_client_encoding *e)
{
    e->users++;
    start_feeding(e);
}

void ck_client_encoding_unuse(ck_client_encoding *e)
{
    if (--e->users == 0) {
        stop_feeding(e);
    }
}

/* 0 for a number that is no codec. */
static uint32_t media_of(uint32_t codec)
{
    switch (codec) {
    case CHALK_CODEC_H264:
    case CHALK_CODEC_VP8:
        return CHALK_MEDIA_VIDEO;
    case CHALK_CODEC_AAC:
    case CHALK_CODEC_OPUS:
        return CHALK_MEDIA_AUDIO;
    default:
        return 0;
    }
}

/* What every destination takes, unless the application knows better. */
static uint32_t codec_of(const chalk_encoding_options *o, uint32_t media)
{
    uint32_t usual = media == CHALK_MEDIA_VIDEO ? CHALK_CODEC_H264 : CHALK_CODEC_AAC;
    return o->codec != 0 ? o->codec : usual;
}

static bool encoding_is_sane(const chalk_encoding_options *o, uint32_t media)
{
    bool video = media == CHALK_MEDIA_VIDEO;
    bool codec = o->codec == 0 || media_of(o->codec) == media;
    bool size = o->width == 0 && o->height == 0;
    if (video && !size) {
        size = o->width >= 16 && o->width <= 4096 && o->height >= 16 && o->height <= 2304 &&
               o->width % 2 == 0 && o->height % 2 == 0;
    }
    bool rate = o->bitrate_kbps == 0 || (video ? o->bitrate_kbps >= 30 && o->bitrate_kbps <= 20000
                                               : o->bitrate_kbps >= 16 && o->bitrate_kbps <= 320);
    bool gop = o->gop_ms == 0 || (o->gop_ms >= 200 && o->gop_ms <= 60000);
    return CK_KNOWN_SIZE(o) && codec && size && rate && gop && o->fps <= 60 && o->channels <= 2;
}

static bool encoder_exists(const chalk_encoding_options *o, uint32_t codec)
{
    for (size_t i = 0; ck_codecs.encoders[i] != NULL; i++) {
        if (ck_codecs.encoders[i]->codec == codec &&
            ck_encoder_is_wished(o->encoder, ck_codecs.encoders[i])) {
            return true;
        }
    }
    return false;
}

const char *chalk_encoder_name(uint32_t codec, uint32_t index)
{
    for (size_t i = 0; ck_codecs.encoders[i] != NULL; i++) {
        if (ck_codecs.encoders[i]->codec == codec && index-- == 0) {
            return ck_codecs.encoders[i]->name;
        }
    }
    return "";
}

static ck_encoding_config config_of(const ck_client_encoding *e, const chalk_encoding_options *o)
{
    uint32_t gop_ms = o->gop_ms != 0 ? o->gop_ms : GOP_DEFAULT_MS;
    uint32_t channels = e->track->hint == CHALK_HINT_MUSIC ? 2 : 1;
    return (ck_encoding_config){
        .codecs = &ck_codecs,
        .log = &e->session->runtime->log,
        .line = &e->track->publication->line,
        .media = e->track->media,
        .codec = e->codec,
        .hint = e->track->hint,
        .width = o->width,
        .height = o->height,
        .fps_max = o->fps != 0 ? o->fps : FPS_DEFAULT,
        .bitrate_kbps = o->bitrate_kbps,
        .gop_us = (uint64_t)gop_ms * CK_US_PER_MS,
        .channels = o->channels != 0 ? o->channels : channels,
        .encoder = e->encoder,
        .stamps = e->track->publication->stamps ? &e->session->stamps : NULL,
        .chosen = on_chosen,
        .hinted = on_hinted,
    };
}

static int make_encoding(chalk_session *s, chalk_track_id track,
                         const chalk_encoding_options *options, chalk_encoding_id *out)
{
    ck_client_track **parent = ck_find_track(s, track);
    if (parent == NULL) {
        return CHALK_ERR_NOT_FOUND;
    }
    uint32_t media = (*parent)->media;
    if (!encoding_is_sane(options, media)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (!encoder_exists(options, codec_of(options, media))) {
        return CHALK_ERR_UNSUPPORTED;
    }
    ck_client_encoding **place = ck_place_for_encoding(s);
    if (place == NULL) {
        return ck_client_no_place(s);
    }
    ck_client_encoding *e = ck_new(&ck_heap, sizeof *e);
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    e->id = ++s->last_id;
    e->session = s;
    e->track = *parent;
    e->codec = codec_of(options, media);
    e->taker = (ck_feed_taker){.media = media, .video = on_video, .audio = on_audio, .user = e};
    int status = CHALK_OK;
    if (options->encoder != NULL) {
        e->encoder = ck_strdup(&ck_heap, options->encoder);
        status = e->encoder != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    if (status == CHALK_OK) {
        ck_encoding_config config = config_of(e, options);
        config.user = e;
        status = ck_encoding_create(&config, &e->encoding);
    }
    if (status < 0) {
        ck_free(&ck_heap, e->encoder);
        ck_free(&ck_heap, e);
        return status;
    }
    ck_encoding_mute(e->encoding, (*parent)->muted);
    *place = e;
    if (out != NULL) {
        *out = e->id;
    }
    return CHALK_OK;
}

int chalk_encoding_create(chalk_session *s, chalk_track_id track,
                          const chalk_encoding_options *options, chalk_encoding_id *out)
{
    chalk_encoding_options defaults;
    chalk_encoding_options_init(&defaults);
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    int status = make_encoding(s, track, options != NULL ? options : &defaults, out);
    ck_client_leave(s);
    return status;
}

void ck_client_encoding_free(ck_client_encoding **place)
{
    ck_client_encoding *e = *place;
    if (e == NULL) {
        return;
    }
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        if (e->session->objects->outputs[i] != NULL) {
            ck_client_output_unlink(e->session->objects->outputs[i], e);
        }
    }
    stop_feeding(e);
    ck_encoding_destroy(&e->encoding);
    ck_free(&ck_heap, e->encoder);
    ck_free(&ck_heap, e);
    *place = NULL;
}

int chalk_encoding_remove(chalk_session *s, chalk_encoding_id id)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_encoding **place = ck_find_encoding(s, id);
    int status = place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
    if (status == CHALK_OK && !ck_runtime_reaches_loop(s->runtime)) {
        status = CHALK_ERR_WRONG_THREAD;
    }
    if (status == CHALK_OK) {
        ck_client_encoding_free(place);
    }
    ck_client_leave(s);
    return status;
}

int chalk_track_set_source(chalk_session *s, chalk_track_id id, chalk_source_id source_id)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = CHALK_OK;
    ck_client_enter(s);
    ck_client_track **track = ck_find_track(s, id);
    ck_client_source **source = ck_find_source(s, source_id);
    if (track == NULL || source == NULL) {
        status = CHALK_ERR_NOT_FOUND;
    } else if ((ck_feed_media((*source)->feed) & BIT((*track)->media)) == 0) {
        status = CHALK_ERR_UNSUPPORTED;
    }
    for (size_t i = 0; status == CHALK_OK && i < CK_OBJECTS; i++) {
        if (s->objects->encodings[i] != NULL && s->objects->encodings[i]->track == *track) {
            stop_feeding(s->objects->encodings[i]);
        }
    }
    if (status == CHALK_OK) {
        (*track)->source = *source;
    }
    for (size_t i = 0; status == CHALK_OK && i < CK_OBJECTS; i++) {
        ck_client_encoding *e = s->objects->encodings[i];
        if (e != NULL && e->track == *track && e->users > 0) {
            start_feeding(e);
        }
    }
    ck_client_leave(s);
    return status;
}

int chalk_encoding_set_bitrate(chalk_session *s, chalk_encoding_id id, uint32_t kbps)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = CHALK_OK;
    ck_client_enter(s);
    ck_client_encoding **place = ck_find_encoding(s, id);
    const chalk_encoding_options options = {.struct_size = sizeof options, .bitrate_kbps = kbps};
    if (place == NULL) {
        status = CHALK_ERR_NOT_FOUND;
    } else if (kbps == 0 || !encoding_is_sane(&options, (*place)->track->media)) {
        status = CHALK_ERR_INVALID_ARGUMENT;
    } else {
        ck_encoding_set_bitrate((*place)->encoding, kbps);
    }
    ck_client_leave(s);
    return status;
}

int chalk_encoding_request_key_frame(chalk_session *s, chalk_encoding_id id)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_encoding **place = ck_find_encoding(s, id);
    if (place != NULL) {
        ck_encoding_want_key((*place)->encoding);
    }
    ck_client_leave(s);
    return place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}

int chalk_encoding_get_stats(chalk_session *s, chalk_encoding_id id, chalk_encoding_stats *stats)
{
    if (s == NULL || stats == NULL || !CK_KNOWN_SIZE(stats)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_encoding_stats inside = {0};
    ck_client_enter(s);
    ck_client_encoding **place = ck_find_encoding(s, id);
    if (place != NULL) {
        ck_encoding_get_stats((*place)->encoding, &inside);
    }
    ck_client_leave(s);
    if (place == NULL) {
        return CHALK_ERR_NOT_FOUND;
    }
    stats->width = inside.width;
    stats->height = inside.height;
    stats->bitrate_kbps = inside.bitrate_kbps;
    stats->frames_captured = inside.frames_captured;
    stats->frames_dropped = inside.frames_dropped;
    stats->frames_encoded = inside.frames_encoded;
    stats->key_frames_encoded = inside.key_frames;
    stats->bytes_encoded = inside.bytes_encoded;
    stats->encode_us = inside.encode_us;
    (void)ck_text_copy(stats->encoder, sizeof stats->encoder, inside.encoder);
    return CHALK_OK;
}
