#include "client/canvas_images.h"

#include "runtime/media/codec.h"

#include <string.h>

struct ck_image_loader {
    uv_thread_t thread;
    ck_image_key key;
    ck_asset_probe probe;
    ck_slice file;
    /* lock */
    uv_mutex_t lock;
    uv_cond_t wake;
    bool asked;    /* `file` is to be decoded, or is being */
    bool answered; /* it was */
    bool stopping;
    int status;
    cairo_surface_t *surface; /* NULL: none came of it */
};

/* --- the thread ------------------------------------------------------------------------------ */

static int decode(const ck_image_loader *l, cairo_surface_t **out)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)l->probe.wide, (int)l->probe.high);
    int status =
        cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        status = ck_codecs.decode_image(ck_bytes_of(l->file.data, l->file.size), &l->probe,
                                        cairo_image_surface_get_data(surface),
                                        (size_t)cairo_image_surface_get_stride(surface));
        cairo_surface_mark_dirty(surface);
    }
    if (status < 0) {
        cairo_surface_destroy(surface);
        return status;
    }
    *out = surface;
    return CHALK_OK;
}

static void run(void *arg)
{
    ck_image_loader *l = arg;
    uv_mutex_lock(&l->lock);
    while (!l->stopping) {
        if (!l->asked || l->answered) {
            uv_cond_wait(&l->wake, &l->lock);
            continue;
        }
        cairo_surface_t *surface = NULL;
        uv_mutex_unlock(&l->lock);
        int status = decode(l, &surface);
        uv_mutex_lock(&l->lock);
        l->status = status;
        l->surface = surface;
        l->answered = true;
    }
    uv_mutex_unlock(&l->lock);
}

/* --- its life -------------------------------------------------------------------------------- */

static ck_image_loader *loader_new(void)
{
    ck_image_loader *l = ck_new(&ck_heap, sizeof *l);
    if (l == NULL) {
        return NULL;
    }
    if (uv_mutex_init(&l->lock) != 0) {
        goto no_lock;
    }
    if (uv_cond_init(&l->wake) != 0) {
        goto no_wake;
    }
    if (uv_thread_create(&l->thread, run, l) != 0) {
        goto no_thread;
    }
    return l;
no_thread:
    uv_cond_destroy(&l->wake);
no_wake:
    uv_mutex_destroy(&l->lock);
no_lock:
    ck_free(&ck_heap, l);
    return NULL;
}

void ck_image_loader_destroy(ck_image_loader **place)
{
    ck_image_loader *l = *place;
    *place = NULL;
    if (l == NULL) {
        return;
    }
    uv_mutex_lock(&l->lock);
    l->stopping = true;
    uv_cond_signal(&l->wake);
    uv_mutex_unlock(&l->lock);
    uv_thread_join(&l->thread);
    if (l->surface != NULL) {
        cairo_surface_destroy(l->surface);
    }
    ck_slice_unref(&l->file);
    uv_cond_destroy(&l->wake);
    uv_mutex_destroy(&l->lock);
    ck_free(&ck_heap, l);
}

bool ck_image_loader_is_busy(ck_image_loader *l)
{
    bool busy = false;
    if (l != NULL) {
        uv_mutex_lock(&l->lock);
        busy = l->asked;
        uv_mutex_unlock(&l->lock);
    }
    return busy;
}

/* --- the canvas's thread --------------------------------------------------------------------- */

/* What was decoded; a file that cannot be has failed, for everybody in this room. */
static bool take(ck_image_loader *l, ck_images *images, ck_client_room *room)
{
    uv_mutex_lock(&l->lock);
    bool answered = l->answered;
    cairo_surface_t *surface = l->surface;
    int status = l->status;
    if (answered) {
        l->surface = NULL;
        l->asked = l->answered = false;
    }
    uv_mutex_unlock(&l->lock);
    if (!answered) {
        return false;
    }
    ck_slice_unref(&l->file);
    if (status == CHALK_OK) {
        status = ck_images_take(images, &l->key, surface, 1.0);
    }
    if (status < 0) {
        ck_client_assets_fail(room, l->key.hash, status);
        ck_images_unwant(images, &l->key);
    }
    if (status < 0 && surface != NULL) {
        cairo_surface_destroy(surface);
    }
    return status == CHALK_OK;
}

static void start(ck_image_loader *l, const ck_image_key *key, const ck_client_asset *asset)
{
    l->key = *key;
    l->probe = asset->probe;
    l->file = ck_slice_ref(asset->bytes);
    uv_mutex_lock(&l->lock);
    l->asked = true;
    uv_cond_signal(&l->wake);
    uv_mutex_unlock(&l->lock);
}

static bool is_here(const ck_client_asset *asset)
{
    return asset->state == CHALK_ASSET_READY || asset->state == CHALK_ASSET_UPLOADING;
}

/* Pages of decks are the application's to render, of files that are fetched here all the same. */
static void ask(ck_image_loader **place, ck_images *images, ck_client_room *room)
{
    ck_image_want want;
    ck_client_asset *asset;
    bool busy = ck_image_loader_is_busy(*place);
    for (uint32_t i = 0; ck_images_wanted(images, i, &want); i++) {
        if (ck_client_assets_want(room, want.key.hash, &asset) < 0 || busy || want.key.deck ||
            !is_here(asset) || asset->probe.kind == CK_ASSET_PDF) {
            continue;
        }
        *place = *place != NULL ? *place : loader_new();
        if (*place == NULL) {
            return; /* with the next paint, perhaps */
        }
        start(*place, &want.key, asset);
        busy = true;
    }
}

bool ck_image_loader_run(ck_image_loader **place, ck_images *images, ck_client_room *room)
{
    bool some = *place != NULL && take(*place, images, room);
    ask(place, images, room);
    return some;
}
