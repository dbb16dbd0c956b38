/*
 * RTMP clients of a bench: one that publishes a made-up stream of 500 kbit/s, and players that read
 * it. Each message carries the time at which it was sent, so that every player knows its delay.
 */
#ifndef CK_TESTS_BENCH_CROWD_H
#define CK_TESTS_BENCH_CROWD_H

#include "core/rtmp/rtmp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_crowd_client ck_crowd_client;

/* A message arrived that was sent at `sent_us`, 0 when it does not say. */
typedef void (*ck_crowd_arrival_fn)(void *user, uint64_t sent_us, size_t bytes);

struct ck_crowd_client {
    int fd;
    ck_rtmp *rtmp;
    uint8_t *unsent; /* of the output, when the kernel is full */
    size_t unsent_size;
    bool streaming;
    bool failed;
    uint64_t messages;
    ck_crowd_arrival_fn arrived;
    void *user;
};

typedef struct ck_crowd_address {
    uint16_t port; /* on 127.0.0.1 */
    const char *app;
    const char *stream;
} ck_crowd_address;

/* Connects; false with a line on standard error. */
bool ck_crowd_open(ck_crowd_client *c, const ck_crowd_address *to, enum ck_rtmp_mode mode,
                   uint64_t seed);
void ck_crowd_close(ck_crowd_client *c);

/* Reads what is there and answers; `failed` tells of an end. */
void ck_crowd_readable(ck_crowd_client *c, uint64_t now_us);
void ck_crowd_flush(ck_crowd_client *c, uint64_t now_us);

typedef struct ck_crowd_stream {
    uint64_t began_us;
    uint32_t pictures; /* sent */
    uint32_t sounds;
    bool configured;
} ck_crowd_stream;

/* Sends what is due; returns when the next message is. */
uint64_t ck_crowd_publish(ck_crowd_stream *s, ck_crowd_client *c, uint64_t now_us);

uint64_t ck_crowd_now_us(void); /* CLOCK_MONOTONIC */
void ck_crowd_sleep_until(uint64_t at_us);

#endif
