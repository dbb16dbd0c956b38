/*
 * chalkrail/runtime.h - the ground everything else stands on.
 *
 * A runtime owns one network loop, its clock and its log. Normally it starts a thread for the loop;
 * with CHALK_RUNTIME_HOST_DRIVEN it starts none and the application drives the loop itself, waiting
 * on one descriptor. Sessions (chalkrail/session.h) are created on a runtime and share its loop.
 * Most programs need one runtime. The library has no global state: several runtimes are
 * independent.
 *
 *     chalk_runtime *runtime = NULL;
 *     int status = chalk_runtime_create(NULL, &runtime);
 *     if (status < 0) return status;
 *     ... sessions ...
 *     chalk_runtime_destroy(&runtime);
 *
 * Process side effects: no signal handler, signal mask of the application's threads, locale or
 * environment variable is changed, and the library's writes never raise SIGPIPE. Threads of its own
 * are named chalk-...; libuv adds four for looking up names, which stay until the process ends.
 * The library prints nothing, it tells `log`. What stands below it (FFmpeg, OpenSSL, SDL2, xcb) may
 * be the application's too, so their global settings are left alone, FFmpeg's log callback and
 * SDL's hints among them: a line of their own about a damaged file or a sound server goes where the
 * application lets them write, which by default is standard error.
 *
 * In all headers: a NULL that a function does not accept is CHALK_ERR_INVALID_ARGUMENT. The Errors
 * lines name that error where something else can be wrong as well.
 *
 * Thread: functions are safe from any thread unless their Thread line says otherwise.
 * Lifetime: destroy sessions before their runtime.
 */
#ifndef CHALKRAIL_RUNTIME_H
#define CHALKRAIL_RUNTIME_H

#include "chalkrail/errors.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct chalk_runtime chalk_runtime;

enum chalk_log_level {
    CHALK_LOG_ERROR = 1,
    CHALK_LOG_WARNING = 2,
    CHALK_LOG_INFO = 3,
    CHALK_LOG_DEBUG = 4,
};

/* Receives one log line without a line end. Called on the library's threads, never on an audio
 * callback; must not call back into the library. `module` and `text` are borrowed. */
typedef void (*chalk_log_fn)(void *user, int level, const char *module, const char *text);

/* chalk_runtime_options.flags */
enum chalk_runtime_flag {
    CHALK_RUNTIME_HOST_DRIVEN = 1, /* start no loop thread; the application calls poll */
};

typedef struct chalk_runtime_options {
    uint32_t struct_size; /* set by chalk_runtime_options_init */
    uint32_t flags;       /* enum chalk_runtime_flag bits */
    uint32_t log_level;   /* enum chalk_log_level; 0: CHALK_LOG_WARNING */
    uint32_t reserved;    /* 0 */
    const char *ca_file;  /* PEM file of trusted certificates; NULL: the system's */
    chalk_log_fn log;     /* NULL: log lines are dropped */
    void *log_user;       /* passed to `log` */
} chalk_runtime_options;

/**
 * The version of the library that runs, which may be another than that of the headers.
 *
 * @return 1,000,000 times the major, 1,000 times the minor, plus the patch version.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API uint32_t chalk_version(void);

/**
 * Fills runtime options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_runtime_options_init(chalk_runtime_options *options);

/**
 * Creates a runtime and, unless it is host-driven, starts its loop thread.
 *
 * @param options  NULL for the defaults; strings are copied.
 * @param out      receives the runtime.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, NO_MEMORY, LIMIT (no descriptor or thread to be had: release some), TLS
 * (`ca_file` cannot be read: fix the path).
 * Thread: any.
 * Lifetime: chalk_runtime_destroy.
 * Since: 0.1
 */
CHALK_API int chalk_runtime_create(const chalk_runtime_options *options, chalk_runtime **out);

/**
 * Destroys a runtime and clears the pointer. Sessions that still exist are destroyed with it.
 *
 * @param runtime  address of the pointer; NULL or a pointer to NULL is accepted.
 *
 * Errors: none.
 * Thread: any but the library's own (never from a callback); waits for the loop thread.
 * Lifetime: the pointers of its sessions are invalid afterwards.
 * Since: 0.1
 */
CHALK_API void chalk_runtime_destroy(chalk_runtime **runtime);

/**
 * Runs what is due on a host-driven runtime and returns at once.
 *
 * @param runtime  a runtime made with CHALK_RUNTIME_HOST_DRIVEN.
 * @return CHALK_OK.
 *
 * Errors: BAD_STATE (not host-driven: do not call it).
 * Thread: one thread at a time, the same that later destroys the runtime; never from a callback.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_runtime_poll(chalk_runtime *runtime);

/**
 * The descriptor that becomes readable when chalk_runtime_poll has work.
 *
 * @param runtime  a runtime made with CHALK_RUNTIME_HOST_DRIVEN.
 * @return a descriptor >= 0 for poll(2), epoll(7) or kqueue(2).
 *
 * Errors: BAD_STATE (not host-driven), UNSUPPORTED (Windows: call poll at least every 10 ms).
 * Thread: any.
 * Lifetime: borrowed; valid while the runtime lives; do not read, write or close it.
 * Since: 0.1
 */
CHALK_API int chalk_runtime_poll_fd(chalk_runtime *runtime);

/**
 * How long the host may wait on the descriptor before it must call chalk_runtime_poll.
 *
 * @param runtime  a runtime made with CHALK_RUNTIME_HOST_DRIVEN.
 * @return milliseconds >= 0; INT32_MAX when nothing is due.
 *
 * Errors: BAD_STATE (not host-driven).
 * Thread: the thread that polls.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_runtime_poll_timeout_ms(chalk_runtime *runtime);

/**
 * The runtime's monotonic clock, the time base of `capture_us` everywhere.
 *
 * @param runtime  the runtime.
 * @return microseconds from an arbitrary start, never decreasing, never 0.
 *
 * Errors: none.
 * Thread: any, audio callbacks included.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API uint64_t chalk_runtime_now_us(chalk_runtime *runtime);

/**
 * Tells that the system's network changed: with 1, reconnections that wait try at once; with 0,
 * they wait longer, but go on, for such reports can be wrong. A connection that the change killed
 * is found out by its time-outs of about 10 s. Calling it without need does no harm.
 *
 * @param runtime  the runtime.
 * @param online   1: a network is there (also: another one); 0: none is.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT.
 * Thread: any.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_runtime_network_changed(chalk_runtime *runtime, int online);

/**
 * Tells that the application went to the background or came back: while there, video sources rest
 * and playbacks decode sound alone.
 *
 * @param runtime     the runtime.
 * @param background  1: in the background; 0: in the foreground.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT.
 * Thread: any.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_runtime_background(chalk_runtime *runtime, int background);

/**
 * Tells that the system took the sound devices away (a phone call) or gave them back: while
 * interrupted, microphones give silence and speakers rest.
 *
 * @param runtime      the runtime.
 * @param interrupted  1: interrupted; 0: over.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT.
 * Thread: any.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_runtime_interrupted(chalk_runtime *runtime, int interrupted);

#ifdef __cplusplus
}
#endif
#endif
