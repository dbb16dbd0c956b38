/*
 * What the library needs from an operating system beyond sockets and threads (those are libuv's):
 * clocks, entropy, the heap and a place for log lines.
 */
#ifndef CK_RUNTIME_OS_H
#define CK_RUNTIME_OS_H

#include "base/alloc.h"

#include <stddef.h>
#include <stdint.h>

extern const ck_alloc ck_heap; /* malloc behind the allocator interface; any thread */

uint64_t ck_clock_us(void);             /* monotonic, arbitrary start, never 0 */
uint64_t ck_wall_us(void);              /* microseconds since the Unix epoch; may be set back */
int ck_entropy(void *out, size_t size); /* cryptographic; CHALK_ERR_IO when there is none */
uint64_t ck_thread_cpu_us(void);        /* processor time of the calling thread so far */

/* libuv aborts the process when its pool of threads, which look up names, cannot be started. This
 * says CHALK_ERR_LIMIT where that would be so. To be asked before the first look-up. */
int ck_threads_spare(void);

/* Names the calling thread for debuggers and profilers; at most 15 characters are kept. */
void ck_thread_name(const char *name);

/* Nobody will join the calling thread: what it holds goes when it ends. */
void ck_thread_detach_self(void);

/* Levels equal the public CHALK_LOG_ ones: 1 error, 2 warning, 3 info, 4 debug. */
typedef struct ck_log {
    void (*line)(void *user, int level, const char *module, const char *text);
    void *user;
    int level; /* lines above it are dropped before they are formatted */
} ck_log;

/* Formats (printf) at most 511 bytes and hands them over; a NULL log or sink drops the line. */
void ck_logf(const ck_log *log, int level, const char *module, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;

#endif
