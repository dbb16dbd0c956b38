/*
 * A feed is a source in use: one capture backend (or the application's pushes) and whoever takes
 * from it. The backend runs while somebody takes.
 *
 * Thread: attach, detach, rest and close are serialised by the caller (the session). Delivery runs
 * on the backend's thread, or the pushing one, under the feed's own lock; a taker must be quick
 * there and must not call the feed.
 */
#ifndef CK_MEDIA_FEED_H
#define CK_MEDIA_FEED_H

#include "runtime/media/capture.h"

typedef struct ck_feed ck_feed;

typedef struct ck_feed_taker {
    uint32_t media; /* enum chalk_media: the one it takes */
    /* Borrowed during the call. whole: frames before it were not given to this taker, so its damage
     * says nothing. */
    void (*video)(void *user, chalk_video_frame *frame, bool whole);
    void (*audio)(void *user, const ck_audio_block *block);
    void *user;
    bool missed;                /* private: a frame was not given to it */
    struct ck_feed_taker *next; /* private */
} ck_feed_taker;

typedef struct ck_feed_config {
    const ck_source_backend *backend; /* NULL: the application pushes */
    const chalk_source_options *options;
    const ck_log *log;
    /* As ck_source_sink.notice, from the backend's thread, under no lock. */
    void (*notice)(void *user, int what, int status, const char *text);
    /* As ck_source_sink.pointer, not visible while the picture is covered, rests or is not taken;
     * under the feed's lock. NULL: nobody asks for it. */
    void (*pointer)(void *user, const ck_source_pointer *pointer);
    void *user;
} ck_feed_config;

int ck_feed_open(const ck_feed_config *config, ck_feed **out);
/* Starts the backend when needed; on an error the taker is not attached. The taker's memory stays
 * the caller's and must live until detach. */
int ck_feed_attach(ck_feed *feed, ck_feed_taker *taker);
void ck_feed_detach(ck_feed *feed, ck_feed_taker *taker); /* no call comes any more */
uint32_t ck_feed_media(const ck_feed *feed);              /* bits 1 << enum chalk_media */
/* While a bit rests, frames of that medium are dropped (background, interruption). */
void ck_feed_rest(ck_feed *feed, uint32_t media_bits);
/* While it is paused takers see a card, and no sound comes. Resumed, they get the newest picture
 * that came meanwhile. The same card covers a source that is hidden and a window that was closed.
 * NO_MEMORY: it goes on as it was. */
int ck_feed_pause(ck_feed *feed, bool paused);
/* Of the pictures that will come; both 0: none will, or nobody has pushed one yet. */
void ck_feed_size(ck_feed *feed, int32_t *width, int32_t *height);
void ck_feed_push_video(ck_feed *feed, chalk_video_frame *frame); /* borrowed */
void ck_feed_push_audio(ck_feed *feed, const ck_audio_block *block);
void ck_feed_close(ck_feed **feed); /* with no taker attached */

#endif
