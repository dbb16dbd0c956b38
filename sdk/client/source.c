#include "client/client.h"

#include "base/check.h"
#include "runtime/media/capture.h"

#include <string.h>

#define BIT(media) (1u << (media))

void chalk_source_options_init(chalk_source_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

static bool options_are_sane(const chalk_source_options *o)
{
    bool kind = o->kind >= CHALK_SOURCE_SCREEN && o->kind <= CHALK_SOURCE_CAMERA;
    bool size = o->width >= 0 && o->width <= CHALK_PICTURE_SIDE_MAX && o->height >= 0 &&
                o->height <= CHALK_PICTURE_SIDE_MAX && o->width % 2 == 0 && o->height % 2 == 0 &&
                (o->width == 0) == (o->height == 0) && (o->width == 0 || o->width >= 144);
    bool region = o->region.width >= 0 && o->region.height >= 0 &&
                  (o->region.width == 0) == (o->region.height == 0);
    bool path = o->kind != CHALK_SOURCE_FILE || (o->path != NULL && o->path[0] != '\0');
    return CK_KNOWN_SIZE(o) && kind && size && region && path && o->fps <= 60 &&
           o->cursor <= CHALK_CURSOR_BOTH && o->null_fault <= CHALK_NULL_FAULT_END &&
           o->null_fault_after_ms <= 3600000;
}

void ck_client_source_say(ck_client_source *source, uint32_t state, int cause, const char *text)
{
    const chalk_event event = {
        .kind = CHALK_EVENT_SOURCE,
        .object = source->id,
        .state = state,
        .cause = cause,
        .origin = CHALK_ORIGIN_SYSTEM,
    };
    /* What is seen says nothing about the device. */
    if (state != CHALK_SOURCE_RESIZED && state != CHALK_SOURCE_MIRRORED) {
        atomic_store(&source->state, state);
        atomic_store(&source->cause, cause);
    }
    ck_events_put(&source->session->events, &event, text);
}

static void on_notice(void *user, int what, int status, const char *text)
{
    static const uint32_t states[] = {
        [CK_SOURCE_LOST] = CHALK_SOURCE_LOST,       [CK_SOURCE_RECOVERED] = CHALK_SOURCE_RUNNING,
        [CK_SOURCE_RESIZED] = CHALK_SOURCE_RESIZED, [CK_SOURCE_ENDED] = CHALK_SOURCE_ENDED,
        [CK_SOURCE_HIDDEN] = CHALK_SOURCE_HIDDEN,   [CK_SOURCE_MIRRORED] = CHALK_SOURCE_MIRRORED,
    };
    ck_client_source_say(user, states[what], status, text);
}

static void on_pointer(void *user, const ck_source_pointer *pointer)
{
    ck_client_source *source = user;
    ck_client_pointer_take(&source->session->pointer, source->id, pointer);
}

/* The first backend of the kind that opens; the first failure is what the caller is told. */
static int open_feed(ck_client_source *source, const chalk_source_options *options)
{
    ck_feed_config config = {
        .options = options,
        .log = &source->session->runtime->log,
        .notice = on_notice,
        .pointer = on_pointer,
        .user = source,
    };
    if (options->kind == CHALK_SOURCE_PUSH) {
        return ck_feed_open(&config, &source->feed);
    }
    int first = CHALK_ERR_UNSUPPORTED;
    for (size_t i = 0; ck_this_platform.sources[i] != NULL; i++) {
        config.backend = ck_this_platform.sources[i];
        if (config.backend->kind == options->kind) {
            int status = ck_feed_open(&config, &source->feed);
            if (status == CHALK_OK) {
                return status;
            }
            first = first == CHALK_ERR_UNSUPPORTED ? status : first;
        }
    }
    return first;
}

int chalk_source_create(chalk_session *s, const chalk_source_options *options, chalk_source_id *out)
{
    if (s == NULL || options == NULL || out == NULL || !options_are_sane(options)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_source **place = ck_place_for_source(s);
    ck_client_source *source = place != NULL ? ck_new(&ck_heap, sizeof *source) : NULL;
    int status = place == NULL ? ck_client_no_place(s) : CHALK_ERR_NO_MEMORY;
    if (source != NULL) {
        source->id = ++s->last_id;
        source->session = s;
        source->kind = options->kind;
        atomic_init(&source->state, CHALK_SOURCE_RUNNING);
        status = open_feed(source, options);
    }
    if (source != NULL && status == CHALK_OK) {
        ck_client_source_rest(source);
        *place = source;
        *out = source->id;
    } else {
        ck_free(&ck_heap, source);
    }
    ck_client_leave(s);
    return status;
}

void ck_client_source_free(ck_client_source **place)
{
    if (*place != NULL) {
        ck_feed_close(&(*place)->feed);
        ck_free(&ck_heap, *place);
        *place = NULL;
    }
}

void ck_client_source_rest(ck_client_source *source)
{
    chalk_runtime *r = source->session->runtime;
    uint32_t video = atomic_load(&r->background) ? BIT(CHALK_MEDIA_VIDEO) : 0;
    uint32_t audio = atomic_load(&r->interrupted) ? BIT(CHALK_MEDIA_AUDIO) : 0;
    ck_feed_rest(source->feed, video | audio);
}

int chalk_source_remove(chalk_session *s, chalk_source_id id)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_source **place = ck_find_source(s, id);
    if (place != NULL) {
        ck_client_source *source = *place;
        for (size_t i = 0; i < CK_OBJECTS; i++) {
            ck_client_encoding *e = s->objects->encodings[i];
            if (e != NULL && e->track->source == source && e->fed) {
                ck_feed_detach(source->feed, &e->taker);
                e->fed = false;
            }
        }
        for (size_t i = 0; i < CK_OBJECTS; i++) {
            if (s->objects->tracks[i] != NULL && s->objects->tracks[i]->source == source) {
                s->objects->tracks[i]->source = NULL;
            }
        }
        ck_client_source_free(place);
    }
    ck_client_leave(s);
    return place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}

int chalk_source_pause(chalk_session *s, chalk_source_id id, int paused)
{
    if (s == NULL || paused < 0 || paused > 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_source **place = ck_find_source(s, id);
    int status = place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
    bool change = place != NULL && (*place)->paused != (paused == 1);
    if (change) {
        status = ck_feed_pause((*place)->feed, paused == 1);
    }
    if (change && status == CHALK_OK) {
        (*place)->paused = paused == 1;
        const chalk_event event = {
            .kind = CHALK_EVENT_SOURCE,
            .object = id,
            .state = paused == 1 ? CHALK_SOURCE_PAUSED : CHALK_SOURCE_RESUMED,
            .origin = CHALK_ORIGIN_USER,
        };
        ck_events_put(&s->events, &event, "");
    }
    ck_client_leave(s);
    return status;
}

int chalk_source_get_stats(chalk_session *s, chalk_source_id id, chalk_source_stats *stats)
{
    if (s == NULL || stats == NULL || !CK_KNOWN_SIZE(stats)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_source **place = ck_find_source(s, id);
    if (place != NULL) {
        *stats = (chalk_source_stats){
            .struct_size = stats->struct_size,
            .state = atomic_load(&(*place)->state),
            .cause = atomic_load(&(*place)->cause),
            .media = ck_feed_media((*place)->feed),
        };
        ck_feed_size((*place)->feed, &stats->width, &stats->height);
    }
    ck_client_leave(s);
    return place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}

/* With the lock held. */
static int find_push(chalk_session *s, chalk_source_id id, ck_client_source **out)
{
    ck_client_source **place = ck_find_source(s, id);
    *out = place != NULL ? *place : NULL;
    if (place == NULL) {
        return CHALK_ERR_NOT_FOUND;
    }
    return (*out)->kind == CHALK_SOURCE_PUSH ? CHALK_OK : CHALK_ERR_BAD_STATE;
}

int chalk_source_push_video(chalk_session *s, chalk_source_id id, chalk_video_frame *frame)
{
    if (s == NULL || frame == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (frame->info.format == CHALK_PIXEL_NATIVE) {
        return CHALK_ERR_UNSUPPORTED;
    }
    ck_client_source *source;
    uv_mutex_lock(&s->lock);
    int status = find_push(s, id, &source);
    if (status == CHALK_OK) {
        ck_feed_push_video(source->feed, frame);
    }
    uv_mutex_unlock(&s->lock);
    return status;
}

int chalk_source_push_audio(chalk_session *s, chalk_source_id id, const float *samples,
                            uint32_t frames, uint32_t rate, uint32_t channels, uint64_t capture_us)
{
    bool sane = s != NULL && samples != NULL && frames >= 1 && frames <= 96000 && rate >= 8000 &&
                rate <= 192000 && channels >= 1 && channels <= 8;
    if (!sane) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    const ck_audio_block block = {
        .samples = samples,
        .frames = frames,
        .rate = rate,
        .channels = channels,
        .capture_us = capture_us != 0 ? capture_us : ck_clock_us(),
    };
    ck_client_source *source;
    uv_mutex_lock(&s->lock);
    int status = find_push(s, id, &source);
    if (status == CHALK_OK) {
        ck_feed_push_audio(source->feed, &block);
    }
    uv_mutex_unlock(&s->lock);
    return status;
}
