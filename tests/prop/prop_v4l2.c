/* A camera that does anything at any time, by seed: the source neither ends nor hangs nor leaks,
 * says what is the matter, and gives pictures of the announced size all the while. */
#include "platform/linux/v4l2_source.h"

#include "base/check.h"
#include "base/rng.h"
#include "base/time.h"
#include "support/check.h"
#include "support/seeds.h"
#include "support/sink.h"
#include "support/v4l2_replay.h"

#include <errno.h>

#define VIDEO (1u << CHALK_MEDIA_VIDEO)
#define STEPS 12

static const ck_v4l2_timing quick = {20 * CK_US_PER_MS, 5 * CK_US_PER_MS, 5 * CK_US_PER_MS};

static void disturb(ck_replay *r, ck_rng *rng, const ck_recording *cameras)
{
    static const int errors[] = {EIO, ENODEV, EBUSY, EINVAL, ENOSPC, ENOMEM, EACCES, EAGAIN};
    switch (ck_rng_below(rng, 7)) {
    case 0:
        ck_replay_unplug(r, (uint32_t)ck_rng_below(rng, 3));
        break;
    case 1:
        ck_replay_plug(r, (uint32_t)ck_rng_below(rng, 3), &cameras[ck_rng_below(rng, 2)]);
        break;
    case 2:
        ck_replay_hold(r, (uint32_t)ck_rng_below(rng, 3), ck_rng_below(rng, 2) ? "cheese" : NULL);
        break;
    case 3:
        ck_replay_deny(r, (uint32_t)ck_rng_below(rng, 3), ck_rng_below(rng, 2) ? EACCES : 0);
        break;
    case 4:
        ck_replay_pictures(r, (enum ck_replay_pictures)ck_rng_below(rng, CK_REPLAY_LIED + 1));
        break;
    default:
        ck_replay_fail(r, 1 + (unsigned)ck_rng_below(rng, 60),
                       errors[ck_rng_below(rng, CK_COUNT_OF(errors))],
                       1 + (unsigned)ck_rng_below(rng, 40));
        break;
    }
}

static void calm(ck_replay *r, const ck_recording *camera)
{
    for (uint32_t node = 0; node < 3; node++) {
        ck_replay_hold(r, node, NULL);
        ck_replay_deny(r, node, 0);
    }
    ck_replay_pictures(r, CK_REPLAY_GOOD);
    ck_replay_fail(r, 1, 0, 0);
    ck_replay_plug(r, 1, camera);
}

/* LOST and RECOVERED take turns, but that LOST may come again with another reason. */
static void check_notices(uint64_t seed, const ck_test_sink *sink)
{
    int lost = CHALK_OK;
    for (size_t i = 0; i < sink->notices_count; i++) {
        const ck_test_notice *n = &sink->notices[i];
        CK_CHECK_ROW(seed, n->text[0] != '\0');
        if (n->what == CK_SOURCE_LOST) {
            CK_CHECK_ROW(seed, n->status < 0 && n->status != lost);
            lost = n->status;
        } else if (n->what == CK_SOURCE_RECOVERED) {
            CK_CHECK_ROW(seed, lost != CHALK_OK);
            lost = CHALK_OK;
        } else {
            CK_CHECK_ROW(seed, n->what == CK_SOURCE_RESIZED);
        }
    }
}

CK_TEST(prop_v4l2, whatever_the_camera_does)
{
    ck_recording cameras[2];
    ck_recording_load(CK_CAMERAS, "webcam.txt", &cameras[0]);
    ck_recording_load(CK_CAMERAS, "raw.txt", &cameras[1]);
    CK_FOR_SEEDS(seed, 8)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_replay *r = ck_replay_create(3000, seed);
        ck_test_sink *sink = ck_test_sink_create();
        ck_source *source = NULL;
        const chalk_source_options options = {
            .kind = CHALK_SOURCE_CAMERA, .width = 320, .height = 240, .fps = 60};
        ck_replay_plug(r, 1, &cameras[ck_rng_below(&rng, 2)]);
        CK_CHECK_EQ(ck_v4l2_source_open(ck_replay_port(r), &quick, &options, NULL, &source),
                    CHALK_OK);
        CK_CHECK_EQ(ck_v4l2_camera.start(source, VIDEO, &sink->sink), CHALK_OK);
        for (int i = 0; i < STEPS; i++) {
            disturb(r, &rng, cameras);
            ck_test_sleep_ms((unsigned)ck_rng_below(&rng, 30));
            if (ck_rng_below(&rng, 4) == 0) {
                ck_v4l2_camera.stop(source);
                CK_CHECK_EQ(ck_v4l2_camera.start(source, VIDEO, &sink->sink), CHALK_OK);
            }
        }
        calm(r, &cameras[0]);
        size_t before = ck_test_sink_pictures(sink);
        CK_CHECK_ROW(seed, ck_test_sink_wait_pictures(sink, before + 30, 10000));
        ck_v4l2_camera.close(&source);
        check_notices(seed, sink);
        for (size_t i = 0; i < sink->pictures_count; i++) {
            CK_CHECK_ROW(seed, sink->pictures[i].width >= 64 && sink->pictures[i].height >= 64);
        }
        CK_CHECK_ROW(seed, ck_replay_leaks(r) == 0);
        ck_test_sink_destroy(&sink);
        ck_replay_destroy(&r);
    }
}
