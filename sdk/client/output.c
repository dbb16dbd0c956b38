#include "client/client.h"

#include "base/text.h"
#include "runtime/media/prepared.h"

#include <string.h>

void chalk_output_options_init(chalk_output_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

/* --- from the output: the loop's or its own thread ------------------------------------------- */

static void on_changed(void *user, const ck_output_change *change)
{
    ck_client_output *o = user;
    bool closed = change->state == CHALK_LINK_CLOSED;
    const chalk_event event = {
        .kind = CHALK_EVENT_OUTPUT,
        .object = o->id,
        .state = change->state,
        .cause = change->cause,
        .origin = change->origin,
        .value = (int64_t)change->retry_in_us,
        .request = closed ? ck_request_end(&o->request) : 0,
    };
    ck_events *events = &o->session->events;
    /* The event before the flag: once it is set, the output may be freed at any moment. */
    ck_events_put(events, &event, change->text);
    if (closed) {
        atomic_store(&o->closed, true);
    }
}

static void on_congested(void *user, bool congested, uint64_t dropped)
{
    ck_client_output *o = user;
    const chalk_event event = {
        .kind = CHALK_EVENT_CONGESTION,
        .object = o->id,
        .state = congested,
        .origin = CHALK_ORIGIN_SYSTEM,
        .value = (int64_t)dropped,
    };
    ck_events_put(&o->session->events, &event, "");
}

static void on_want_key(void *user)
{
    ck_client_output *o = user;
    uv_mutex_lock(&o->links_lock);
    for (size_t i = 0; i < CHALK_OUTPUT_ENCODINGS_MAX; i++) {
        if (o->encodings[i] != NULL) {
            ck_encoding_want_key(o->encodings[i]->encoding);
        }
    }
    uv_mutex_unlock(&o->links_lock);
}

static void on_asks_keys(void *user, bool asks)
{
    ck_client_output *o = user;
    uv_mutex_lock(&o->links_lock);
    o->asks_keys = asks;
    for (size_t i = 0; i < CHALK_OUTPUT_ENCODINGS_MAX; i++) {
        if (o->linked[i]) {
            ck_encoding_asks_keys(o->encodings[i]->encoding, &o->takers[i], asks);
        }
    }
    uv_mutex_unlock(&o->links_lock);
}

static void on_packet(void *user, uint32_t media, const ck_packet *packet)
{
    ck_client_output *o = user;
    o->ops->packet(o->output, media, packet);
}

/* --- links to encodings ---------------------------------------------------------------------- */

static void link_encodings(ck_client_output *o)
{
    for (size_t i = 0; i < CHALK_OUTPUT_ENCODINGS_MAX; i++) {
        ck_client_encoding *e = o->encodings[i];
        if (e != NULL) {
            o->takers[i] = (ck_packet_taker){.packet = on_packet, .user = o};
            ck_encoding_attach(e->encoding, &o->takers[i]);
            uv_mutex_lock(&o->links_lock);
            o->linked[i] = true; /* it may be live already */
            ck_encoding_asks_keys(e->encoding, &o->takers[i], o->asks_keys);
            uv_mutex_unlock(&o->links_lock);
            ck_client_encoding_use(e);
        }
    }
}

void ck_client_output_unlink(ck_client_output *o, ck_client_encoding *only)
{
    for (size_t i = 0; i < CHALK_OUTPUT_ENCODINGS_MAX; i++) {
        ck_client_encoding *e = o->encodings[i];
        if (e == NULL || (only != NULL && e != only)) {
            continue;
        }
        ck_encoding_detach(e->encoding, &o->takers[i]);
        uv_mutex_lock(&o->links_lock);
        o->linked[i] = false;
        o->encodings[i] = NULL;
        uv_mutex_unlock(&o->links_lock);
        if (only != NULL && o->ops->without != NULL) {
            o->ops->without(o->output, e->track->media);
        }
        ck_client_encoding_unuse(e);
    }
}

/* --- prepared streams ------------------------------------------------------------------------ */

struct chalk_prepared {
    ck_prepared *stream;
};

int chalk_prepared_open(const char *path, chalk_prepared **out)
{
    if (path == NULL || path[0] == '\0' || out == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    chalk_prepared *p = ck_new(&ck_heap, sizeof *p);
    int status = p != NULL ? ck_prepared_load(path, &p->stream) : CHALK_ERR_NO_MEMORY;
    if (status < 0) {
        ck_free(&ck_heap, p);
        return status;
    }
    *out = p;
    return CHALK_OK;
}

void chalk_prepared_close(chalk_prepared **prepared)
{
    if (prepared != NULL && *prepared != NULL) {
        ck_prepared_unref(&(*prepared)->stream);
        ck_free(&ck_heap, *prepared);
        *prepared = NULL;
    }
}

static void open_pacer(void *arg)
{
    ck_client_output *o = arg;
    const ck_pacer_host host = {.packet = on_packet, .user = o};
    o->pacer_status = ck_pacer_create(o->session->runtime->loop, o->prepared, &host, &o->pacer);
}

static void close_pacer(void *arg)
{
    ck_client_output *o = arg;
    ck_pacer_destroy(&o->pacer);
}

/* Without a loop there is no timer any more; its memory is the caller's alone then. */
static void stop_sending(ck_client_output *o)
{
    if (o->prepared != NULL && ck_loop_call(o->session->runtime->loop, close_pacer, o) < 0) {
        close_pacer(o);
    }
    ck_prepared_unref(&o->prepared);
}

/* --- creating -------------------------------------------------------------------------------- */

static const ck_output_ops *ops_for(const chalk_output_options *o)
{
    int targets = (o->url != NULL) + (o->path != NULL) + (o->packet != NULL);
    if (targets != 1) {
        return NULL;
    }
    return o->url != NULL ? &ck_output_url : o->path != NULL ? &ck_output_file : &ck_output_app;
}

static bool is_sane(const chalk_output_options *o)
{
    bool queue = o->queue_max_ms == 0 || (o->queue_max_ms >= 200 && o->queue_max_ms <= 10000);
    bool named = o->encodings[0] != 0 || o->encodings[1] != 0;
    bool prepared = o->prepared == NULL || (o->url != NULL && !named);
    return CK_KNOWN_SIZE(o) && queue && o->no_retry <= 1 && ops_for(o) != NULL && prepared;
}

/* The encodings that were named, or the first of each track, one of each medium at most. */
static int choose_encodings(chalk_session *s, const ck_client_publication *publication,
                            const chalk_output_options *options, ck_client_output *o)
{
    bool named = options->encodings[0] != 0 || options->encodings[1] != 0;
    size_t count = 0;
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        ck_client_encoding *e = s->objects->encodings[i];
        if (e == NULL || e->track->publication != publication) {
            continue;
        }
        bool wanted = !named || e->id == options->encodings[0] || e->id == options->encodings[1];
        bool same_media = count > 0 && o->encodings[0]->track->media == e->track->media;
        if (wanted && same_media && named) {
            return CHALK_ERR_INVALID_ARGUMENT;
        }
        if (wanted && !same_media && count < CHALK_OUTPUT_ENCODINGS_MAX) {
            o->encodings[count++] = e;
        }
    }
    size_t asked = (options->encodings[0] != 0 ? 1u : 0u) + (options->encodings[1] != 0 ? 1u : 0u);
    if (named && count != asked) {
        return CHALK_ERR_NOT_FOUND;
    }
    return count > 0 ? CHALK_OK : CHALK_ERR_BAD_STATE;
}

/* 0: the output has no such medium. */
static uint32_t codec_in(const ck_client_output *o, uint32_t media)
{
    if (o->prepared != NULL) {
        return ck_prepared_codec(o->prepared, media);
    }
    for (size_t i = 0; i < CHALK_OUTPUT_ENCODINGS_MAX; i++) {
        if (o->encodings[i] != NULL && o->encodings[i]->track->media == media) {
            return o->encodings[i]->codec;
        }
    }
    return 0;
}

static int open_output(chalk_session *s, ck_client_output *o, const chalk_output_options *options)
{
    ck_output_config config = {
        .options = options,
        .video_codec = codec_in(o, CHALK_MEDIA_VIDEO),
        .audio_codec = codec_in(o, CHALK_MEDIA_AUDIO),
        .loop = s->runtime->loop,
        .codecs = &ck_codecs,
        .stamps = &s->stamps,
        .log = &s->runtime->log,
    };
    int status = CHALK_OK;
    if (options->url != NULL && ck_text_starts(options->url, "rtmps:")) {
        status = ck_runtime_tls(s->runtime, &config.tls);
    }
    const ck_output_host host = {on_changed, on_congested, on_want_key, on_asks_keys, o};
    return status == CHALK_OK ? o->ops->create(&config, &host, &o->output) : status;
}

static int make_output(chalk_session *s, chalk_publication_id id,
                       const chalk_output_options *options, chalk_output_id *out)
{
    ck_client_publication **publication = ck_find_publication(s, id);
    ck_client_output **place = ck_place_for_output(s);
    if (publication == NULL || place == NULL) {
        return publication == NULL ? CHALK_ERR_NOT_FOUND : ck_client_no_place(s);
    }
    ck_client_output *o = ck_new(&ck_heap, sizeof *o);
    if (o == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    o->id = ++s->last_id;
    o->session = s;
    o->publication = *publication;
    o->ops = ops_for(options);
    int status = CHALK_OK;
    if (options->prepared == NULL) {
        status = choose_encodings(s, *publication, options, o);
    }
    if (status == CHALK_OK && uv_mutex_init(&o->links_lock) != 0) {
        status = CHALK_ERR_LIMIT;
    }
    if (status < 0) {
        ck_free(&ck_heap, o);
        return status;
    }
    if (options->prepared != NULL) {
        o->prepared = options->prepared->stream;
        ck_prepared_ref(o->prepared);
    }
    *out = o->id; /* before it opens: its first events name it */
    status = open_output(s, o, options);
    if (status == CHALK_OK && o->prepared != NULL) {
        status = ck_loop_call(s->runtime->loop, open_pacer, o);
        status = status < 0 ? status : o->pacer_status;
    }
    if (status < 0) {
        ck_client_output_free(&o);
        return status;
    }
    *place = o;
    link_encodings(o);
    return CHALK_OK;
}

int chalk_output_create(chalk_session *s, chalk_publication_id publication,
                        const chalk_output_options *options, chalk_output_id *out)
{
    if (s == NULL || options == NULL || out == NULL || !is_sane(options)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    int status = make_output(s, publication, options, out);
    ck_client_leave(s);
    return status;
}

/* --- ending ---------------------------------------------------------------------------------- */

void ck_client_output_stop(ck_client_output *o, uint32_t origin)
{
    if (!o->stopping && !atomic_load(&o->closed)) {
        o->stopping = true;
        stop_sending(o);
        o->ops->stop(o->output, origin);
    }
}

void ck_client_output_free(ck_client_output **place)
{
    ck_client_output *o = *place;
    if (o == NULL) {
        return;
    }
    stop_sending(o);
    ck_client_output_unlink(o, NULL);
    o->ops->destroy(&o->output);
    uv_mutex_destroy(&o->links_lock);
    ck_free(&ck_heap, o);
    *place = NULL;
}

int chalk_output_remove(chalk_session *s, chalk_output_id id, chalk_request_id *request)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_output **place = ck_find_output(s, id);
    int status = place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
    if (status == CHALK_OK && !ck_runtime_reaches_loop(s->runtime)) {
        status = CHALK_ERR_WRONG_THREAD;
    }
    if (status == CHALK_OK) {
        status = ck_request_make(s, &(*place)->request, request);
    }
    if (status == CHALK_OK) {
        ck_client_output_unlink(*place, NULL);
        ck_client_output_stop(*place, CHALK_ORIGIN_USER);
    }
    ck_client_leave(s);
    return status;
}

int chalk_output_get_stats(chalk_session *s, chalk_output_id id, chalk_output_stats *stats)
{
    if (s == NULL || stats == NULL || !CK_KNOWN_SIZE(stats)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_output **place = ck_find_output(s, id);
    if (place != NULL) {
        *stats = (chalk_output_stats){.struct_size = stats->struct_size};
        (*place)->ops->get_stats((*place)->output, stats);
    }
    ck_client_leave(s);
    return place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}
