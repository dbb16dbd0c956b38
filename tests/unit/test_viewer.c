/* A viewer that has headers alone: what it says was seen and heard. */
#include "core/viewer/viewer.h"

#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#define MS       UINT64_C(1000)
#define SECOND   UINT64_C(1000000)
#define BEGIN_US (100 * SECOND)
#define SOUND_US 21333
#define FRAME_US 40000

/* A stream as it arrives: what was sent between `stall_us` and a stall's end comes at its end. */
typedef struct feed {
    ck_viewer *viewer;
    bool sound, pictures;
    uint64_t stall_us, stall_for_us; /* since the beginning; 0: none */
    uint64_t look_us;                /* stats are asked for so often; 0: never */
} feed;

static const ck_viewer_config balanced = {
    .alloc = &ck_test_heap,
    .late_ppm = 5000,
    .picture_late_ppm = 50000,
    .start_ms = 20,
    .max_ms = 2000,
};

static uint64_t arrives(const feed *f, uint64_t sent_us)
{
    bool held = sent_us >= f->stall_us && sent_us < f->stall_us + f->stall_for_us;
    return BEGIN_US + 5 * MS + (held ? f->stall_us + f->stall_for_us : sent_us);
}

static void look(const feed *f, uint64_t *looked_us, uint64_t to_us)
{
    ck_viewer_stats ignored;
    while (f->look_us > 0 && *looked_us + f->look_us < to_us) {
        *looked_us += f->look_us;
        ck_viewer_get_stats(f->viewer, *looked_us, &ignored);
    }
}

/* When the last of it came. */
static uint64_t play(const feed *f, uint64_t for_us)
{
    uint64_t sound_us = 0, frame_us = 0, looked_us = BEGIN_US, at_us = BEGIN_US;
    while (sound_us < for_us && frame_us < for_us) {
        bool sound = f->sound && (!f->pictures || sound_us < frame_us);
        at_us = arrives(f, sound ? sound_us : frame_us);
        look(f, &looked_us, at_us);
        if (sound) {
            CK_CHECK_EQ(ck_viewer_sound(f->viewer, (int64_t)sound_us, SOUND_US, at_us), CHALK_OK);
            sound_us += SOUND_US;
        } else {
            bool key = frame_us % (50 * FRAME_US) == 0;
            ck_viewer_picture(f->viewer, (int64_t)frame_us, (int64_t)frame_us, key, at_us);
            frame_us += FRAME_US;
        }
    }
    return at_us;
}

static ck_viewer_stats watch(const feed *asked, uint64_t for_us)
{
    feed f = *asked;
    ck_viewer_stats stats;
    CK_CHECK_EQ(ck_viewer_create(&balanced, BEGIN_US, &f.viewer), CHALK_OK);
    ck_viewer_get_stats(f.viewer, play(&f, for_us), &stats);
    ck_viewer_destroy(&f.viewer);
    return stats;
}

CK_TEST(viewer, a_calm_stream_is_shown_whole)
{
    const feed whole = {.sound = true, .pictures = true};
    ck_viewer_stats s = watch(&whole, 10 * SECOND);
    CK_CHECK_EQ(s.frames_received, 250);
    CK_CHECK(s.sync.frames_rendered >= 245 && s.frames_dropped == 0);
    CK_CHECK_EQ(s.freezes + s.sync.freeze_count, 0);
    CK_CHECK(s.jitter.jitter_buffer_emitted_count > UINT64_C(9) * 48000);
    CK_CHECK_EQ(s.jitter.concealed_samples, 0);
    CK_CHECK_EQ(s.first_picture_us, 5 * MS);
    CK_CHECK(s.delay_ms <= 60);
}

CK_TEST(viewer, pictures_alone_are_shown_whole)
{
    const feed pictures = {.pictures = true};
    ck_viewer_stats s = watch(&pictures, 10 * SECOND);
    CK_CHECK(s.sync.frames_rendered >= 245 && s.frames_dropped == 0);
    CK_CHECK_EQ(s.freezes + s.sync.freeze_count, 0);
}

CK_TEST(viewer, a_stall_of_two_seconds_is_a_freeze)
{
    const feed stalled = {
        .sound = true, .pictures = true, .stall_us = 4 * SECOND, .stall_for_us = 2 * SECOND};
    ck_viewer_stats s = watch(&stalled, 12 * SECOND);
    CK_CHECK_EQ(s.freezes, 1);
    CK_CHECK(s.freeze_us > 1500 * MS && s.freeze_us < 2200 * MS);
    CK_CHECK_EQ(s.sync.freeze_count, 1);
    CK_CHECK(s.sync.total_freezes_us > 1500 * MS);
    CK_CHECK(s.jitter.skipped_us > 0); /* over a second behind: to the newest key frame */
}

CK_TEST(viewer, pictures_alone_that_stall_are_counted)
{
    const feed stalled = {.pictures = true, .stall_us = 4 * SECOND, .stall_for_us = 3 * SECOND};
    ck_viewer_stats s = watch(&stalled, 12 * SECOND);
    CK_CHECK_EQ(s.freezes, 1);
    CK_CHECK(s.freeze_us > 300 * MS && s.freeze_us < 700 * MS); /* beyond the 2.5 s of a still */
    CK_CHECK_EQ(s.sync.freeze_count, 1);
    CK_CHECK(s.sync.total_freezes_us > 2500 * MS);
}

CK_TEST(viewer, what_is_seen_does_not_depend_on_looking)
{
    feed f = {.sound = true, .pictures = true, .stall_us = 3 * SECOND, .stall_for_us = SECOND};
    const ck_viewer_stats alone = watch(&f, 9 * SECOND);
    static const uint64_t often_us[] = {7 * MS, 33333, 250 * MS};
    for (size_t i = 0; i < sizeof often_us / sizeof *often_us; i++) {
        f.look_us = often_us[i];
        const ck_viewer_stats looked = watch(&f, 9 * SECOND);
        CK_CHECK_EQ(looked.freeze_us, alone.freeze_us);
        CK_CHECK_EQ(looked.sync.frames_rendered, alone.sync.frames_rendered);
        CK_CHECK_EQ(looked.sync.total_freezes_us, alone.sync.total_freezes_us);
        CK_CHECK_EQ(looked.jitter.total_samples_received, alone.jitter.total_samples_received);
    }
}

CK_TEST(viewer, events_tell_of_the_first_picture_and_of_standing_still)
{
    feed f = {.sound = true, .pictures = true, .stall_us = 4 * SECOND, .stall_for_us = 2 * SECOND};
    ck_viewer_event event;
    CK_CHECK_EQ(ck_viewer_create(&balanced, BEGIN_US, &f.viewer), CHALK_OK);
    CK_CHECK(play(&f, 8 * SECOND) > BEGIN_US);
    static const enum ck_viewer_event_kind kinds[] = {CK_VIEWER_FIRST_PICTURE, CK_VIEWER_FROZE,
                                                      CK_VIEWER_GOES_ON};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        CK_CHECK(ck_viewer_poll_event(f.viewer, &event) && event.kind == kinds[i]);
    }
    CK_CHECK(!ck_viewer_poll_event(f.viewer, &event));
    ck_viewer_destroy(&f.viewer);
}

CK_TEST(viewer, another_time_line_is_followed)
{
    ck_viewer *v = NULL;
    ck_viewer_stats s = {0};
    CK_CHECK_EQ(ck_viewer_create(&balanced, BEGIN_US, &v), CHALK_OK);
    for (uint64_t i = 0; i < 400; i++) {
        uint64_t at_us = BEGIN_US + i * SOUND_US;
        uint64_t line_us = i < 200 ? 3600 * SECOND : 0; /* the publisher begins anew */
        CK_CHECK_EQ(ck_viewer_sound(v, (int64_t)(line_us + i * SOUND_US), SOUND_US, at_us),
                    CHALK_OK);
    }
    ck_viewer_get_stats(v, BEGIN_US + 400 * SOUND_US, &s);
    ck_viewer_destroy(&v);
    CK_CHECK(s.jitter.jitter_buffer_emitted_count > UINT64_C(380) * 1024);
    CK_CHECK_EQ(s.freezes, 0);
}

CK_TEST(viewer, it_takes_a_few_kilobytes_and_refuses_nonsense)
{
    ck_counting_alloc counted;
    ck_counting_alloc_init(&counted);
    ck_viewer_config config = balanced;
    config.alloc = &counted.alloc;
    ck_viewer *v = NULL;
    CK_CHECK_EQ(ck_viewer_create(&config, BEGIN_US, &v), CHALK_OK);
    CK_CHECK(counted.bytes <= 12 * 1024);
    CK_CHECK_EQ(ck_viewer_sound(v, 0, 0, BEGIN_US), CHALK_ERR_INVALID_ARGUMENT);
    ck_viewer_destroy(&v);
    config.picture_late_ppm = 7;
    CK_CHECK_EQ(ck_viewer_create(&config, BEGIN_US, &v), CHALK_ERR_INVALID_ARGUMENT);
    config = balanced;
    for (size_t at = 1; at <= 3; at++) /* viewer, jitter buffer, its packets */ {
        ck_failing_alloc failing;
        ck_failing_alloc_init(&failing, at);
        config.alloc = &failing.alloc;
        CK_CHECK_EQ(ck_viewer_create(&config, BEGIN_US, &v), CHALK_ERR_NO_MEMORY);
        CK_CHECK_EQ(failing.live, 0);
    }
}
