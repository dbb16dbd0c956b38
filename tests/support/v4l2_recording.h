/*
 * What a V4L2 device answers when it is asked what it is and can do, read from a text:
 *
 *     card HD Webcam                 its name
 *     bus usb-0000:00:14.0-1         where it is plugged in
 *     caps 84a00001 04200001         capabilities, device_caps (hexadecimal)
 *     color 8 0 0                    colorspace, ycbcr_enc, quantization
 *     format MJPG                    one of its formats; what follows belongs to it
 *     size 1280 720                  one of its sizes, or as a range:
 *     size 64 64 4096 2160 2 2       least width and height, most, steps
 *     rate 1 30                      one of the intervals of that size, in seconds, or as a range:
 *     rate 1 60 1 5                  shortest, longest
 *
 * A line that begins with # says nothing. Recordings are in tests/support/cameras;
 * tests/tools/camera_record.py makes one of a real device.
 */
#ifndef CK_TESTS_V4L2_RECORDING_H
#define CK_TESTS_V4L2_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_RECORDING_MODES_MAX 1024

/* A line of the list: `rate` of `size` of `format`. Ranges have their second half set. */
typedef struct ck_recorded_mode {
    uint32_t fourcc;
    uint32_t size[6]; /* width and height, or the range */
    uint32_t rate[4]; /* interval as a fraction, or the range; rate[1] 0: none is listed */
} ck_recorded_mode;

typedef struct ck_recording {
    char card[64];
    char bus[64];
    uint32_t caps, device_caps;
    uint32_t colorspace, ycbcr_enc, quantization;
    size_t count;
    ck_recorded_mode modes[CK_RECORDING_MODES_MAX];
} ck_recording;

/* False when the text is none. */
bool ck_recording_parse(const char *text, ck_recording *out);
/* Reads NAME of the folder; ends the test program when it is not there or wrong. */
void ck_recording_load(const char *folder, const char *name, ck_recording *out);

/* The ith format, size of a format, and interval of a size; NULL: there are fewer. A size that
 * lies in a recorded range has the range's intervals. */
const ck_recorded_mode *ck_recording_format(const ck_recording *r, uint32_t index);
const ck_recorded_mode *ck_recording_size(const ck_recording *r, uint32_t fourcc, uint32_t index);
const ck_recorded_mode *ck_recording_rate(const ck_recording *r, uint32_t fourcc, uint32_t width,
                                          uint32_t height, uint32_t index);

#endif
