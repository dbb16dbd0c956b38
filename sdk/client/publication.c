/* Publications and tracks: what is carried and where it comes from. */
#include "client/client.h"

#define BIT(media) (1u << (media))

void chalk_publication_options_init(chalk_publication_options *options)
{
    *options = (chalk_publication_options){.struct_size = sizeof *options};
}

void chalk_track_options_init(chalk_track_options *options)
{
    *options = (chalk_track_options){.struct_size = sizeof *options};
}

/* --- publications ---------------------------------------------------------------------------- */

int chalk_publication_create(chalk_session *s, const chalk_publication_options *options,
                             chalk_publication_id *out)
{
    chalk_publication_options defaults;
    chalk_publication_options_init(&defaults);
    options = options != NULL ? options : &defaults;
    if (s == NULL || out == NULL || !CK_KNOWN_SIZE(options) || options->no_stamps > 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = CHALK_OK;
    ck_client_enter(s);
    ck_client_publication **place = ck_place_for_publication(s);
    ck_client_publication *p = place != NULL ? ck_new(&ck_heap, sizeof *p) : NULL;
    if (p != NULL) {
        p->id = ++s->last_id;
        p->stamps = options->no_stamps == 0;
        atomic_init(&p->line.origin_us, 0);
        *place = p;
        *out = p->id;
    } else {
        status = place == NULL ? ck_client_no_place(s) : CHALK_ERR_NO_MEMORY;
    }
    ck_client_leave(s);
    return status;
}

static void free_track(chalk_session *s, ck_client_track **place)
{
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        if (s->objects->encodings[i] != NULL && s->objects->encodings[i]->track == *place) {
            ck_client_encoding_free(&s->objects->encodings[i]);
        }
    }
    ck_free(&ck_heap, *place);
    *place = NULL;
}

/* Its outputs end by themselves, its tracks now. */
static void free_publication(chalk_session *s, ck_client_publication **place)
{
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        ck_client_output *o = s->objects->outputs[i];
        if (o != NULL && o->publication == *place) {
            ck_client_output_unlink(o, NULL);
            ck_client_output_stop(o, CHALK_ORIGIN_USER);
            o->publication = NULL;
        }
    }
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        if (s->objects->tracks[i] != NULL && s->objects->tracks[i]->publication == *place) {
            free_track(s, &s->objects->tracks[i]);
        }
    }
    ck_free(&ck_heap, *place);
    *place = NULL;
}

int chalk_publication_remove(chalk_session *s, chalk_publication_id id)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_publication **place = ck_find_publication(s, id);
    int status = place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
    if (status == CHALK_OK && !ck_runtime_reaches_loop(s->runtime)) {
        status = CHALK_ERR_WRONG_THREAD;
    }
    if (status == CHALK_OK) {
        free_publication(s, place);
    }
    ck_client_leave(s);
    return status;
}

/* --- tracks ---------------------------------------------------------------------------------- */

static uint32_t default_hint(const ck_client_source *source, uint32_t media)
{
    if (media == CHALK_MEDIA_AUDIO) {
        return CHALK_HINT_VOICE;
    }
    bool desktop = source->kind == CHALK_SOURCE_SCREEN || source->kind == CHALK_SOURCE_WINDOW;
    return desktop ? CHALK_HINT_SLIDES : CHALK_HINT_CAMERA;
}

static bool hint_fits(uint32_t hint, uint32_t media)
{
    bool sound = hint == CHALK_HINT_VOICE || hint == CHALK_HINT_MUSIC;
    return hint == 0 || (hint <= CHALK_HINT_AUTO && sound == (media == CHALK_MEDIA_AUDIO));
}

static int make_track(chalk_session *s, chalk_publication_id publication,
                      const chalk_track_options *options, chalk_track_id *out)
{
    ck_client_publication **parent = ck_find_publication(s, publication);
    ck_client_source **source = ck_find_source(s, options->source);
    if (parent == NULL || source == NULL) {
        return CHALK_ERR_NOT_FOUND;
    }
    if ((ck_feed_media((*source)->feed) & BIT(options->media)) == 0) {
        return CHALK_ERR_UNSUPPORTED;
    }
    ck_client_track **place = ck_place_for_track(s);
    if (place == NULL) {
        return ck_client_no_place(s);
    }
    ck_client_track *t = ck_new(&ck_heap, sizeof *t);
    if (t == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    t->id = ++s->last_id;
    t->publication = *parent;
    t->source = *source;
    t->media = options->media;
    t->hint = options->hint != 0 ? options->hint : default_hint(*source, options->media);
    t->muted = options->muted != 0;
    *place = t;
    *out = t->id;
    return CHALK_OK;
}

int chalk_track_create(chalk_session *s, chalk_publication_id publication,
                       const chalk_track_options *options, chalk_track_id *out)
{
    bool sane = s != NULL && options != NULL && out != NULL && CK_KNOWN_SIZE(options) &&
                (options->media == CHALK_MEDIA_VIDEO || options->media == CHALK_MEDIA_AUDIO) &&
                hint_fits(options->hint, options->media) && options->muted <= 1;
    if (!sane) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    int status = make_track(s, publication, options, out);
    ck_client_leave(s);
    return status;
}

int chalk_track_remove(chalk_session *s, chalk_track_id id)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_track **place = ck_find_track(s, id);
    int status = place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
    if (status == CHALK_OK && !ck_runtime_reaches_loop(s->runtime)) {
        status = CHALK_ERR_WRONG_THREAD;
    }
    if (status == CHALK_OK) {
        free_track(s, place);
    }
    ck_client_leave(s);
    return status;
}

int chalk_track_mute(chalk_session *s, chalk_track_id id, int muted)
{
    if (s == NULL || (muted != 0 && muted != 1)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_track **place = ck_find_track(s, id);
    if (place != NULL) {
        (*place)->muted = muted != 0;
        for (size_t i = 0; i < CK_OBJECTS; i++) {
            if (s->objects->encodings[i] != NULL && s->objects->encodings[i]->track == *place) {
                ck_encoding_mute(s->objects->encodings[i]->encoding, muted != 0);
            }
        }
    }
    ck_client_leave(s);
    return place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}
