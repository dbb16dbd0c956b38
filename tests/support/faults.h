/*
 * Faults of the operating system on demand. A program that is linked with faults_linux.c defines
 * the calls below itself, so that our code and the libraries it uses meet the faults alike; what is
 * not refused goes to the C library.
 */
#ifndef CK_TESTS_FAULTS_H
#define CK_TESTS_FAULTS_H

#include <stdint.h>

enum fault_call {
    FAULT_NONE = 0,
    FAULT_SEND,    /* sendmsg */
    FAULT_RECEIVE, /* recv */
    FAULT_ACCEPT,  /* accept4 */
    FAULT_SOCKET,  /* socket */
    FAULT_CONNECT, /* connect */
    FAULT_RESOLVE, /* getaddrinfo; `what` is its EAI_ value */
    FAULT_THREAD,  /* pthread_create */
    FAULT_OPEN,    /* open, open64 of a file that is a recording */
    FAULT_WRITE,   /* write to a regular file */
    FAULT_SYNC,    /* fdatasync, fsync */
    FAULT_RENAME,  /* rename */
    FAULT_CUT,     /* truncate */
    FAULT_ENTROPY, /* uv_random; `what` is its UV_ value */
    FAULT_CALLS,
};

#define FAULT_SHORT    (-10001) /* `what`: part of the bytes, 1 to 64 */
#define FAULT_LATE_MS  300      /* how long a refused name takes */
#define FAULT_PATH_END ".mp4"

typedef struct fault {
    enum fault_call call;
    int what;       /* errno, unless said otherwise above */
    unsigned skip;  /* calls that pass before the first fault */
    unsigned share; /* of 256 calls after that; 0: all */
    unsigned count; /* faults at most; 0: no end */
} fault;

/* Replaces what was asked for before; a call has one fault at a time. Any thread. */
void faults_set(const fault *list, unsigned count, uint64_t seed);
void faults_clear(void);
unsigned faults_met(enum fault_call call); /* since the last faults_set */

/* The wall clock from now on, against the real one. */
void faults_shift_wall(int64_t seconds);

#endif
