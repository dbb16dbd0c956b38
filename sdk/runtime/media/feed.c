/*
 * Lock: `lock` guards the list of takers, `resting`, the size of what is pushed, and the card. The
 * delivering thread holds it while it hands a frame on. Starting and stopping a backend happens
 * outside of it, because stopping waits for that thread.
 */
#include "runtime/media/feed.h"

#include "runtime/media/card.h"

#include <uv.h>

#define BIT(media) (1u << (media))
#define BOTH       (BIT(CHALK_MEDIA_VIDEO) | BIT(CHALK_MEDIA_AUDIO))

struct ck_feed {
    ck_feed_config config;
    ck_source *source; /* NULL for pushes */
    uint32_t running;  /* media bits that the backend was started with; 0: stopped */
    uv_mutex_t lock;
    ck_feed_taker *takers;
    uint32_t resting;
    int32_t pushed_width; /* of the last picture pushed */
    int32_t pushed_height;
    uint32_t color;            /* of the last picture */
    ck_source_pointer pointer; /* the source's; no shape */
    bool paused;
    chalk_video_frame *card;   /* what takers see in its place; NULL: it is seen itself */
    chalk_video_frame *behind; /* the newest picture while it is paused */
};

/* With the lock held. whole: its damage says nothing to anybody. */
static void give_video(ck_feed *f, chalk_video_frame *frame, bool whole)
{
    bool rests = (f->resting & BIT(CHALK_MEDIA_VIDEO)) != 0;
    for (ck_feed_taker *t = f->takers; t != NULL; t = t->next) {
        if (t->media == CHALK_MEDIA_VIDEO && !rests) {
            t->video(t->user, frame, whole || t->missed);
        }
        t->missed = rests;
    }
}

/* With the lock held: what comes next is not what it was before the card. */
static void uncover(ck_feed *f)
{
    for (ck_feed_taker *t = f->takers; t != NULL && f->card != NULL; t = t->next) {
        t->missed = true;
    }
    chalk_video_frame_unref(&f->card);
}

/* With the lock held. Over a card it is not to be seen; its shape is passed on all the same. */
static void give_pointer(ck_feed *f, const ck_shape *shape)
{
    bool rests = (f->resting & BIT(CHALK_MEDIA_VIDEO)) != 0;
    ck_source_pointer pointer = f->pointer;
    pointer.visible = pointer.visible && !f->paused && f->card == NULL && !rests;
    pointer.shape = shape;
    if (f->config.pointer != NULL) {
        f->config.pointer(f->config.user, &pointer);
    }
}

static void deliver_video(ck_feed *f, chalk_video_frame *frame)
{
    chalk_video_frame *older = NULL;
    uv_mutex_lock(&f->lock);
    f->color = frame->info.color;
    if (f->paused) {
        older = f->behind;
        f->behind = chalk_video_frame_ref(frame);
    } else {
        bool covered = f->card != NULL;
        uncover(f);
        give_video(f, frame, false);
        if (covered) {
            give_pointer(f, NULL);
        }
    }
    uv_mutex_unlock(&f->lock);
    chalk_video_frame_unref(&older);
}

/* Without memory for it what was seen stays. */
static int cover(ck_feed *f)
{
    int32_t width, height;
    chalk_video_frame *card = NULL;
    ck_feed_size(f, &width, &height);
    uv_mutex_lock(&f->lock);
    int status = f->card == NULL ? ck_card_create(width, height, f->color, &card) : CHALK_OK;
    if (card != NULL) {
        f->card = card;
        give_video(f, card, true);
        give_pointer(f, NULL);
    }
    uv_mutex_unlock(&f->lock);
    return status;
}

static void resume(ck_feed *f)
{
    uv_mutex_lock(&f->lock);
    chalk_video_frame *behind = f->behind;
    f->behind = NULL;
    f->paused = false;
    if (behind != NULL) {
        uncover(f);
        give_video(f, behind, true);
    }
    give_pointer(f, NULL);
    uv_mutex_unlock(&f->lock);
    chalk_video_frame_unref(&behind);
}

int ck_feed_pause(ck_feed *f, bool paused)
{
    if (!paused) {
        resume(f);
        return CHALK_OK;
    }
    uv_mutex_lock(&f->lock);
    f->paused = true; /* first, or a picture could come over the card */
    uv_mutex_unlock(&f->lock);
    int status = cover(f);
    if (status < 0) {
        resume(f);
    }
    return status;
}

static void take_video(void *user, chalk_video_frame *frame)
{
    deliver_video(user, frame);
    chalk_video_frame_unref(&frame);
}

static void take_audio(void *user, const ck_audio_block *block)
{
    ck_feed *f = user;
    uv_mutex_lock(&f->lock);
    if ((f->resting & BIT(CHALK_MEDIA_AUDIO)) == 0 && !f->paused) {
        for (ck_feed_taker *t = f->takers; t != NULL; t = t->next) {
            if (t->media == CHALK_MEDIA_AUDIO) {
                t->audio(t->user, block);
            }
        }
    }
    uv_mutex_unlock(&f->lock);
}

static void take_pointer(void *user, const ck_source_pointer *pointer)
{
    ck_feed *f = user;
    uv_mutex_lock(&f->lock);
    f->pointer = *pointer;
    f->pointer.shape = NULL;
    give_pointer(f, pointer->shape);
    uv_mutex_unlock(&f->lock);
}

/* It is not on what is shown from now on. */
static void lose_pointer(ck_feed *f)
{
    uv_mutex_lock(&f->lock);
    if (f->pointer.visible) {
        f->pointer.visible = false;
        give_pointer(f, NULL);
    }
    uv_mutex_unlock(&f->lock);
}

static void take_notice(void *user, int what, int status, const char *text)
{
    ck_feed *f = user;
    bool window = f->config.backend != NULL && f->config.backend->kind == CHALK_SOURCE_WINDOW;
    if (what == CK_SOURCE_HIDDEN || (what == CK_SOURCE_ENDED && window)) {
        (void)cover(f); /* the last picture would seem to be there still */
    }
    if (what != CK_SOURCE_RECOVERED && what != CK_SOURCE_RESIZED) {
        lose_pointer(f);
    }
    f->config.notice(f->config.user, what, status, text);
}

int ck_feed_open(const ck_feed_config *config, ck_feed **out)
{
    ck_feed *f = ck_new(&ck_heap, sizeof *f);
    if (f == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    f->config = *config;
    f->config.options = NULL; /* borrowed during open alone */
    if (uv_mutex_init(&f->lock) != 0) {
        ck_free(&ck_heap, f);
        return CHALK_ERR_LIMIT;
    }
    if (config->backend != NULL) {
        int status = config->backend->open(config->options, config->log, &f->source);
        if (status < 0) {
            uv_mutex_destroy(&f->lock);
            ck_free(&ck_heap, f);
            return status;
        }
    }
    *out = f;
    return CHALK_OK;
}

/* Brings the backend to deliver exactly what is wanted. */
static int run_backend(ck_feed *f)
{
    uint32_t wanted = 0;
    for (ck_feed_taker *t = f->takers; t != NULL; t = t->next) {
        wanted |= BIT(t->media);
    }
    if (f->source == NULL || wanted == f->running) {
        return CHALK_OK;
    }
    if (f->running != 0) {
        f->config.backend->stop(f->source);
        f->running = 0;
        lose_pointer(f);
    }
    if (wanted == 0) {
        return CHALK_OK;
    }
    const ck_source_sink sink = {take_video, take_audio, take_notice, take_pointer, f};
    int status = f->config.backend->start(f->source, wanted, &sink);
    if (status == CHALK_OK) {
        f->running = wanted;
    }
    return status;
}

static void unlink_taker(ck_feed *f, ck_feed_taker *taker)
{
    uv_mutex_lock(&f->lock);
    for (ck_feed_taker **at = &f->takers; *at != NULL; at = &(*at)->next) {
        if (*at == taker) {
            *at = taker->next;
            taker->next = NULL;
            break;
        }
    }
    uv_mutex_unlock(&f->lock);
}

int ck_feed_attach(ck_feed *f, ck_feed_taker *taker)
{
    uv_mutex_lock(&f->lock);
    taker->missed = true;
    taker->next = f->takers;
    f->takers = taker;
    if (f->card != NULL && taker->media == CHALK_MEDIA_VIDEO) {
        taker->video(taker->user, f->card, true);
    }
    uv_mutex_unlock(&f->lock);
    int status = run_backend(f);
    if (status < 0) {
        ck_feed_detach(f, taker); /* the others get what they had */
    }
    return status;
}

void ck_feed_detach(ck_feed *f, ck_feed_taker *taker)
{
    unlink_taker(f, taker);
    int status = run_backend(f); /* fewer media than before, so it may have to start again */
    if (status < 0) {
        take_notice(f, CK_SOURCE_LOST, status, "the source cannot be started again");
    }
}

uint32_t ck_feed_media(const ck_feed *f)
{
    const ck_source_backend *backend = f->config.backend;
    if (backend == NULL) {
        return BOTH;
    }
    return backend->media_of != NULL ? backend->media_of(f->source) : backend->media;
}

void ck_feed_rest(ck_feed *f, uint32_t media_bits)
{
    uv_mutex_lock(&f->lock);
    f->resting = media_bits;
    give_pointer(f, NULL);
    uv_mutex_unlock(&f->lock);
}

void ck_feed_size(ck_feed *f, int32_t *width, int32_t *height)
{
    *width = 0;
    *height = 0;
    if (f->config.backend == NULL) {
        uv_mutex_lock(&f->lock);
        *width = f->pushed_width;
        *height = f->pushed_height;
        uv_mutex_unlock(&f->lock);
    } else if (f->config.backend->size(f->source, width, height) < 0) {
        *width = 0; /* sound alone */
        *height = 0;
    }
}

void ck_feed_push_video(ck_feed *f, chalk_video_frame *frame)
{
    uv_mutex_lock(&f->lock);
    f->pushed_width = frame->info.width;
    f->pushed_height = frame->info.height;
    uv_mutex_unlock(&f->lock);
    deliver_video(f, frame);
}

void ck_feed_push_audio(ck_feed *f, const ck_audio_block *block)
{
    take_audio(f, block);
}

void ck_feed_close(ck_feed **feed)
{
    ck_feed *f = *feed;
    if (f == NULL) {
        return;
    }
    if (f->source != NULL) {
        if (f->running != 0) {
            f->config.backend->stop(f->source);
        }
        f->config.backend->close(&f->source);
    }
    chalk_video_frame_unref(&f->card);
    chalk_video_frame_unref(&f->behind);
    uv_mutex_destroy(&f->lock);
    ck_free(&ck_heap, f);
    *feed = NULL;
}
