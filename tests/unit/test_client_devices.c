/* What is told when devices come and go, over a platform of the test's own. */
#include "chalkrail/device.h"
#include "chalkrail/session.h"

#include "base/check.h"
#include "base/text.h"
#include "runtime/media/capture.h"
#include "support/check.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int news = -1; /* write end of what the backend watches */
static atomic_int watches;
static atomic_bool relevant;

static int list_one(chalk_device *out, size_t capacity, size_t *count, const ck_log *log)
{
    (void)log;
    if (capacity > 0) {
        out[0] = (chalk_device){.kind = CHALK_DEVICE_CAMERA};
    }
    *count = 1;
    return CHALK_OK;
}

static int list_modes(const char *device, chalk_camera_mode *out, size_t capacity, size_t *count,
                      const ck_log *log)
{
    (void)log;
    if (device != NULL && device[0] != '\0' && !ck_text_equal(device, "one")) {
        return CHALK_ERR_NO_DEVICE;
    }
    if (capacity > 0) {
        out[0] = (chalk_camera_mode){CHALK_CAMERA_YUYV, 640, 480, 30000};
    }
    *count = 1;
    return CHALK_OK;
}

static int watch(void)
{
    atomic_fetch_add(&watches, 1);
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    news = dup(fd);
    return fd;
}

static bool watched(int fd)
{
    uint64_t count;
    return read(fd, &count, sizeof count) > 0 && atomic_load(&relevant);
}

static void unwatch(int fd)
{
    close(fd);
}

static const ck_device_backend dumb = {.name = "dumb", .list = list_one};
static const ck_device_backend telling = {"telling", list_one, list_modes, watch, watched, unwatch};
static const ck_source_backend *const sources[] = {NULL};
static const ck_speaker_backend *const speakers[] = {NULL};
static const ck_device_backend *const devices[] = {&dumb, &telling, NULL};

const ck_platform ck_this_platform = {sources, speakers, devices};

static void happen(bool is_relevant)
{
    const uint64_t one = 1;
    atomic_store(&relevant, is_relevant);
    CK_CHECK_EQ(write(news, &one, sizeof one), (ssize_t)sizeof one);
}

static size_t list(chalk_runtime *r)
{
    chalk_device found[4];
    size_t count = 0;
    CK_CHECK_EQ(chalk_devices_list(r, found, 4, &count), CHALK_OK);
    return count;
}

CK_TEST(client_devices, every_session_is_told_once_when_it_has_settled)
{
    chalk_runtime *r = NULL;
    chalk_session *s[2] = {NULL};
    chalk_event event;
    atomic_store(&watches, 0);
    CK_CHECK_EQ(chalk_runtime_create(NULL, &r), CHALK_OK);
    for (int i = 0; i < 2; i++) {
        CK_CHECK_EQ(chalk_session_create(r, NULL, &s[i]), CHALK_OK);
    }
    CK_CHECK_EQ(atomic_load(&watches), 0); /* nobody asked */
    CK_CHECK_EQ(list(r), 2);
    CK_CHECK_EQ(list(r), 2);
    CK_CHECK_EQ(atomic_load(&watches), 1);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 10; i++) {
            happen(true); /* as udev makes of one camera */
            (void)poll(NULL, 0, 2);
        }
        for (int i = 0; i < 2; i++) {
            CK_CHECK_EQ(chalk_session_wait_event(s[i], &event, 5000), CHALK_OK);
            CK_CHECK_EQ(event.kind, CHALK_EVENT_DEVICES);
            CK_CHECK_EQ(event.object, 0);
            CK_CHECK_EQ(chalk_session_wait_event(s[i], &event, 0), CHALK_ERR_AGAIN);
        }
    }
    happen(false); /* of other nodes nothing is said */
    CK_CHECK_EQ(chalk_session_wait_event(s[0], &event, 400), CHALK_ERR_AGAIN);
    happen(true);
    chalk_runtime_destroy(&r); /* while it settles */
    close(news);
}

CK_TEST(client_devices, a_host_that_drives_the_loop_is_told_too)
{
    chalk_runtime_options options;
    chalk_runtime *r = NULL;
    chalk_session *s = NULL;
    chalk_event event;
    chalk_runtime_options_init(&options);
    options.flags = CHALK_RUNTIME_HOST_DRIVEN;
    CK_CHECK_EQ(chalk_runtime_create(&options, &r), CHALK_OK);
    CK_CHECK_EQ(chalk_session_create(r, NULL, &s), CHALK_OK);
    CK_CHECK_EQ(list(r), 2);
    CK_CHECK_EQ(chalk_runtime_poll(r), CHALK_OK);
    happen(true);
    int status = CHALK_ERR_AGAIN;
    for (int i = 0; i < 500 && status == CHALK_ERR_AGAIN; i++) {
        CK_CHECK_EQ(chalk_runtime_poll(r), CHALK_OK);
        status = chalk_session_next_event(s, &event);
        (void)poll(NULL, 0, 10);
    }
    CK_CHECK_EQ(status, CHALK_OK);
    CK_CHECK_EQ(event.kind, CHALK_EVENT_DEVICES);
    chalk_runtime_destroy(&r);
    close(news);
}

CK_TEST(client_devices, modes)
{
    chalk_runtime *r = NULL;
    chalk_camera_mode mode;
    size_t count = 0;
    CK_CHECK_EQ(chalk_runtime_create(NULL, &r), CHALK_OK);
    CK_CHECK_EQ(chalk_camera_modes(r, NULL, &mode, 1, &count), CHALK_OK);
    CK_CHECK(count == 1 && mode.width == 640 && mode.fps_milli == 30000);
    CK_CHECK_EQ(chalk_camera_modes(r, "one", NULL, 0, &count), CHALK_OK);
    CK_CHECK_EQ(count, 1);
    CK_CHECK_EQ(chalk_camera_modes(r, "two", NULL, 0, &count), CHALK_ERR_NO_DEVICE);
    CK_CHECK_EQ(count, 0);
    CK_CHECK_EQ(chalk_camera_modes(NULL, NULL, NULL, 0, &count), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_camera_modes(r, NULL, NULL, 1, &count), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_camera_modes(r, NULL, &mode, 1025, &count), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_camera_modes(r, NULL, &mode, 1, NULL), CHALK_ERR_INVALID_ARGUMENT);
    chalk_runtime_destroy(&r);
}
