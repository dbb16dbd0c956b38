/* The camera source as the tests open it: with a port and times of their own. */
#ifndef CK_PLATFORM_V4L2_SOURCE_H
#define CK_PLATFORM_V4L2_SOURCE_H

#include "platform/linux/v4l2.h"
#include "platform/linux/v4l2_port.h"

typedef struct ck_v4l2_timing {
    uint64_t stalled_us; /* a camera without a good picture for so long is lost */
    uint64_t reopen_us;  /* between two attempts to open one that is lost */
    uint64_t black_us;   /* between two black pictures meanwhile */
} ck_v4l2_timing;

/* As ck_source_backend.open; the other functions are those of ck_v4l2_camera. */
int ck_v4l2_source_open(const ck_v4l2_port *port, const ck_v4l2_timing *timing,
                        const chalk_source_options *options, const ck_log *log, ck_source **out);

/* As ck_device_backend.list and .camera_modes. */
int ck_v4l2_list(const ck_v4l2_port *port, chalk_device *out, size_t capacity, size_t *count,
                 const ck_log *log);
int ck_v4l2_list_modes(const ck_v4l2_port *port, const char *device, chalk_camera_mode *out,
                       size_t capacity, size_t *count, const ck_log *log);

#endif
