/* What this build offers, in order of preference. */
#include "platform/file/file.h"
#include "platform/linux/v4l2.h"
#include "platform/linux/x11.h"
#include "platform/null/null.h"
#include "platform/sdl/sdl.h"
#include "platform/synthetic/synthetic.h"

static const ck_source_backend *const sources[] = {
    &ck_x11_screen,  &ck_x11_window,       &ck_v4l2_camera, &ck_sdl_microphone,
    &ck_file_source, &ck_synthetic_source, &ck_null_source, NULL,
};

static const ck_speaker_backend *const speakers[] = {&ck_sdl_speaker, NULL};

static const ck_device_backend *const devices[] = {&ck_x11_devices, &ck_v4l2_devices,
                                                   &ck_sdl_devices, NULL};

const ck_platform ck_this_platform = {sources, speakers, devices};
