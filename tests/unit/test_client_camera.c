/* A camera from the driver's buffers to packets, through the whole library: a recorded camera
 * stands where the system's would, is unplugged, taken and plugged in while it is published. */
#include "api_support.h"

#include "base/check.h"
#include "base/time.h"
#include "platform/linux/v4l2_source.h"
#include "support/check.h"
#include "support/v4l2_replay.h"

#include <linux/videodev2.h>
#include <stdatomic.h>
#include <string.h>

#define PATIENCE_MS 10000

static ck_replay *replay;

static int open_replayed(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    static const ck_v4l2_timing quick = {CK_US_PER_S, 50 * CK_US_PER_MS, 100 * CK_US_PER_MS};
    return ck_v4l2_source_open(ck_replay_port(replay), &quick, options, log, out);
}

static ck_source_backend camera; /* as the system's, but for its opening */
static const ck_source_backend *const sources[] = {&camera, NULL};
static const ck_speaker_backend *const speakers[] = {NULL};
static const ck_device_backend *const devices[] = {NULL};

const ck_platform ck_this_platform = {sources, speakers, devices};

static atomic_uint packets;

static void take_packet(void *user, const chalk_packet *packet)
{
    (void)user;
    atomic_fetch_add(&packets, packet->config == 0);
}

static void expect_packets(void)
{
    unsigned before = atomic_load(&packets);
    for (int i = 0; i < PATIENCE_MS && atomic_load(&packets) < before + 3; i++) {
        api_sleep_ms(1);
    }
    CK_CHECK(atomic_load(&packets) >= before + 3);
}

static void expect_state(api *a, chalk_source_id id, uint32_t state, int cause, const char *text)
{
    chalk_event event = api_wait(a, CHALK_EVENT_SOURCE, state);
    CK_CHECK_EQ(event.object, id);
    CK_CHECK_EQ(event.cause, cause);
    CK_CHECK_EQ(event.origin, CHALK_ORIGIN_SYSTEM);
    CK_CHECK(strstr(event.text, text) != NULL);
    chalk_source_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_source_get_stats(a->session, id, &stats), CHALK_OK);
    CK_CHECK_EQ(stats.state, state);
    CK_CHECK_EQ(stats.cause, cause);
    CK_CHECK(stats.width == 640 && stats.height == 480);
}

static chalk_source_id open_camera(api *a)
{
    chalk_source_options options;
    chalk_source_id id = 0;
    chalk_source_options_init(&options);
    options.kind = CHALK_SOURCE_CAMERA;
    options.width = 640;
    options.height = 480;
    CK_CHECK_EQ(chalk_source_create(a->session, &options, &id), CHALK_OK);
    return id;
}

CK_TEST(client_camera, the_stream_goes_on_whatever_happens_to_the_camera)
{
    ck_recording webcam;
    ck_recording_load(CK_CAMERAS, "webcam.txt", &webcam);
    camera = ck_v4l2_camera;
    camera.open = open_replayed;
    replay = ck_replay_create(33333, 1);
    ck_replay_plug(replay, 0, &webcam);
    chalk_encoding_stats stats = {.struct_size = sizeof stats};
    api a = api_open();
    chalk_source_id id = open_camera(&a);
    api_stream stream = api_publish(&a, id, true, false);

    chalk_output_options output;
    chalk_output_id out = 0;
    chalk_output_options_init(&output);
    output.packet = take_packet;
    CK_CHECK_EQ(chalk_output_create(a.session, stream.publication, &output, &out), CHALK_OK);
    expect_packets();
    char encoder[sizeof stats.encoder];
    CK_CHECK_EQ(chalk_encoding_get_stats(a.session, stream.video, &stats), CHALK_OK);
    memcpy(encoder, stats.encoder, sizeof encoder);
    ck_replay_unplug(replay, 0);
    expect_state(&a, id, CHALK_SOURCE_LOST, CHALK_ERR_NO_DEVICE, "not plugged in");
    expect_packets();
    ck_replay_hold(replay, 0, "cheese, process 7");
    ck_replay_plug(replay, 0, &webcam);
    expect_state(&a, id, CHALK_SOURCE_LOST, CHALK_ERR_DEVICE_BUSY, "cheese, process 7");
    expect_packets();
    webcam.ycbcr_enc = V4L2_YCBCR_ENC_709; /* it comes back in other colours */
    ck_replay_plug(replay, 0, &webcam);
    ck_replay_hold(replay, 0, NULL);
    expect_state(&a, id, CHALK_SOURCE_RUNNING, CHALK_OK, "back");
    expect_packets();
    CK_CHECK_EQ(chalk_encoding_get_stats(a.session, stream.video, &stats), CHALK_OK);
    CK_CHECK_STR(stats.encoder, encoder); /* which no picture has made fail */
    api_close(&a);
    CK_CHECK_EQ(ck_replay_leaks(replay), 0);
    ck_replay_destroy(&replay);
}
