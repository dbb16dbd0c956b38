/*
 * An encoder that runs in a driver, kept at arm's length. A driver may refuse, give nothing, or
 * hang; so each call runs on a thread of the guard's own and is waited for no longer than stands
 * here. Opening includes a trial: a black picture of the true size must come out at once as a key
 * frame of that size.
 *
 * After a call that did not end in time the guard is of no use any more: every call answers
 * TIMEOUT, close returns at once. The thread that hangs then owns what it works with and puts it
 * away should it ever come back; if it does not, the thread, its encoder and one picture are lost.
 *
 * Thread: one at a time, as every encoder.
 */
#ifndef CK_MEDIA_ENCODER_GUARD_H
#define CK_MEDIA_ENCODER_GUARD_H

#include "runtime/media/codec.h"

#define CK_GUARD_OPEN_US 4000000 /* device, encoder and trial */
#define CK_GUARD_CALL_US 1000000 /* a picture, or anything else */
/* Pictures in a row for which nothing comes out. */
#define CK_GUARD_SILENT_MAX 8

/* Opens `inner` and tries it. As open of the contract; CODEC also for a trial that fails, TIMEOUT,
 * LIMIT (no thread). `log` is not handed on: it may be gone before a thread that hangs. */
int ck_encoder_guard_open(const ck_encoder_backend *inner, const ck_encoder_config *config,
                          const ck_log *log, ck_encoder **out);

/* The verbs of what ck_encoder_guard_open made; its own `open` is never called. */
extern const ck_encoder_backend ck_encoder_guard;

#endif
