/*
 * Private to encoder_guard*.c.
 *
 * One call at a time is handed to the worker: the owner fills `verb` and its arguments, the worker
 * its answer. `lock` guards the first group of a guard's fields; arguments are the worker's while a
 * call is under way. A guard that was given up is the worker's to free.
 */
#ifndef CK_MEDIA_ENCODER_GUARD_INSIDE_H
#define CK_MEDIA_ENCODER_GUARD_INSIDE_H

#include "runtime/media/encoder_guard.h"

#include <uv.h>

#define CK_GUARD_PACKETS_MAX 4 /* a configuration, a picture, and what a driver held back */

enum ck_guard_verb { CK_VERB_NONE = 0, CK_VERB_OPEN, CK_VERB_SEND, CK_VERB_BITRATE, CK_VERB_CLOSE };

/* What came of a call. */
typedef struct ck_guard_result {
    int status;
    ck_packet packets[CK_GUARD_PACKETS_MAX];
    size_t count;
    ck_slice record; /* CK_VERB_OPEN */
} ck_guard_result;

typedef struct ck_guard {
    uv_mutex_t lock;
    uv_cond_t changed;
    enum ck_guard_verb verb; /* what is under way; NONE: the worker waits */
    bool given_up;
    ck_guard_result result;

    chalk_video_frame *frame; /* arguments */
    int64_t pts_us;
    bool key;
    uint32_t kbps;

    uv_thread_t thread; /* the owner's to join */

    const ck_encoder_backend *inner; /* the worker's from here on */
    ck_encoder_config config;
    ck_encoder *encoder;
    ck_frame_pool *pool; /* of the trial's picture */
    uint32_t silent;
} ck_guard;

/* The worker's thread, over a ck_guard. */
void ck_guard_work(void *guard);
void ck_guard_free(ck_guard *g);

#endif
