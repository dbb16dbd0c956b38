/*
 * What the client's and the server's target share: the input is one driver byte per step and the
 * peer's bytes. The handshake is fed here, so that the input is all chunk stream.
 */
#ifndef CK_TESTS_FUZZ_RTMP_END_H
#define CK_TESTS_FUZZ_RTMP_END_H

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/rtmp/rtmp.h"
#include "support/alloc.h"

#include <stdlib.h>

/* Answers, sends and closes as `choice` says. */
static void fuzz_take_events(ck_rtmp *r, uint8_t choice, uint64_t now_us)
{
    ck_rtmp_event event;
    while (ck_rtmp_poll_event(r, &event)) {
        if (event.request != 0 && choice % 8 == 0) {
            (void)ck_rtmp_reject(r, event.request, -50 - choice / 8, NULL, now_us);
        } else if (event.request != 0 && choice % 8 != 1) {
            (void)ck_rtmp_accept(r, event.request, now_us);
        }
        ck_rtmp_event_free(&event);
    }
}

static void fuzz_act(ck_rtmp *r, uint8_t choice, uint64_t now_us)
{
    static const uint8_t body[300] = {0x17, 1};
    ck_flv_tag tag = {.type = choice & 1 ? CK_FLV_AUDIO : CK_FLV_VIDEO,
                      .timestamp_ms = (uint32_t)choice << 20,
                      .body = ck_slice_static(body, sizeof body)};
    ck_out out;
    if (choice % 16 == 7) {
        (void)ck_rtmp_ping(r, now_us);
    } else if (choice == 255) {
        (void)ck_rtmp_close(r, now_us);
    } else if (choice == 254) {
        (void)ck_rtmp_close_with(r, CHALK_ERR_NAME_TAKEN, NULL, now_us);
    } else if (choice % 16 < 4) {
        (void)ck_rtmp_send(r, &tag);
    }
    for (int i = 0; (choice & 32) == 0 && i < 100 && ck_rtmp_poll_output(r, &out, now_us); i++) {
        if (out.head_size > CK_OUT_HEAD_MAX) {
            abort();
        }
        ck_slice_unref(&out.body);
    }
    if (now_us >= ck_rtmp_next_deadline(r)) {
        ck_rtmp_on_deadline(r, now_us);
    }
}

static void fuzz_feed(ck_rtmp *r, const uint8_t *data, size_t size, uint8_t choice, uint64_t now_us)
{
    int status = CHALK_OK;
    for (size_t at = 0; at < size && status == CHALK_OK;) {
        size_t used = 0;
        status = ck_rtmp_feed(r, data + at, size - at, now_us, &used);
        fuzz_take_events(r, choice, now_us);
        at += used;
        /* Feed may stop for its events, and these were taken: the next one must go on. */
        if (status == CHALK_OK && used == 0) {
            size_t again = 0;
            status = ck_rtmp_feed(r, data + at, size - at, now_us, &again);
            at += again;
            if (status == CHALK_OK && again == 0) {
                abort();
            }
            fuzz_take_events(r, choice, now_us);
        }
    }
    if (status < 0 && ck_rtmp_state(r) != CK_RTMP_CLOSED) {
        abort();
    }
}

static int fuzz_end(ck_rtmp_config config, const uint8_t *data, size_t size)
{
    static const uint8_t handshake[3073] = {3};
    ck_failing_alloc f;
    ck_rtmp *r = NULL;
    uint64_t now_us = 1000000;
    ck_failing_alloc_init(&f, size > 0 && data[0] < 128 ? data[0] : 0);
    config.alloc = &f.alloc;
    config.message_bytes_max = 300000;
    config.reassembly_bytes_max = 400000;
    config.queue_bytes_max = 100000;
    if (ck_rtmp_init(&r, &config, 1, now_us) == CHALK_OK) {
        fuzz_feed(r, handshake, sizeof handshake, 2, now_us);
        for (size_t at = 1; at + 1 < size;) {
            uint8_t choice = data[at];
            size_t piece = CK_MIN((size_t)(1 + (choice & 31) * 16), size - at - 1);
            now_us += (uint64_t)choice * 1000;
            fuzz_feed(r, data + at + 1, piece, choice, now_us);
            fuzz_act(r, choice, now_us);
            at += 1 + piece;
        }
        fuzz_take_events(r, 2, now_us);
    }
    ck_rtmp_free(&r);
    if (f.live != 0) {
        abort();
    }
    return 0;
}

#endif
