/*
 * Stands where the media graph would: takes what a source delivers and lets a test wait for it.
 *
 * Thread: the source calls in on its own thread; every function here takes the lock.
 */
#ifndef CK_TESTS_SINK_H
#define CK_TESTS_SINK_H

#include "runtime/media/capture.h"

#include <pthread.h>

#define CK_TEST_PICTURES_MAX 4096
#define CK_TEST_BLOCKS_MAX   4096
#define CK_TEST_SAMPLES_MAX  (48000 * 12)
#define CK_TEST_NOTICES_MAX  32
#define CK_TEST_POINTERS_MAX 1024

typedef struct ck_test_picture {
    uint64_t capture_us;
    uint64_t given_us; /* when the sink was called */
    int32_t width;
    int32_t height;
    uint32_t format;
    uint32_t damage_count;
    chalk_rect damage; /* the first rectangle */
    uint64_t number;   /* marks of I420 pictures, when `marked` */
    uint64_t room_us;
    bool marked;
    int flash; /* as ck_marks_flash */
} ck_test_picture;

typedef struct ck_test_block {
    uint64_t capture_us;
    uint64_t given_us;
    uint32_t frames;
    uint32_t rate;
    uint32_t channels;
    size_t first; /* index of its first sample in `samples` */
} ck_test_block;

typedef struct ck_test_notice {
    int what;
    int status;
    uint64_t given_us;
    char text[128];
} ck_test_notice;

typedef struct ck_test_pointer {
    bool visible;
    uint32_t x, y;
    ck_shape shape; /* width 0: none came with it; no pixels */
    uint32_t bgra;  /* its first pixel, 0xAARRGGBB */
    uint64_t given_us;
} ck_test_pointer;

typedef struct ck_test_sink {
    ck_source_sink sink; /* pass &sink.sink to start */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t pictures_count;
    size_t blocks_count;
    size_t samples_count; /* first channel only */
    size_t notices_count;
    size_t pointers_count;
    chalk_video_frame *newest;
    ck_test_picture pictures[CK_TEST_PICTURES_MAX];
    ck_test_block blocks[CK_TEST_BLOCKS_MAX];
    ck_test_notice notices[CK_TEST_NOTICES_MAX];
    ck_test_pointer pointers[CK_TEST_POINTERS_MAX];
    float samples[CK_TEST_SAMPLES_MAX];
} ck_test_sink;

ck_test_sink *ck_test_sink_create(void);
void ck_test_sink_destroy(ck_test_sink **sink);

/* Waits until that many have come; false when they do not within `ms`. */
bool ck_test_sink_wait_pictures(ck_test_sink *s, size_t count, unsigned ms);
bool ck_test_sink_wait_pointers(ck_test_sink *s, size_t count, unsigned ms);
bool ck_test_sink_wait_blocks(ck_test_sink *s, size_t count, unsigned ms);
/* Waits for a notice of that kind after the first `seen` ones; false when none comes. */
bool ck_test_sink_wait_notice(ck_test_sink *s, size_t seen, int what, unsigned ms,
                              ck_test_notice *out);
size_t ck_test_sink_pictures(ck_test_sink *s);
size_t ck_test_sink_blocks(ck_test_sink *s);
size_t ck_test_sink_samples(ck_test_sink *s);
size_t ck_test_sink_notices(ck_test_sink *s);
/* One reference to the newest picture; NULL before the first. */
chalk_video_frame *ck_test_sink_newest(ck_test_sink *s);
void ck_test_sleep_ms(unsigned ms);

#endif
