/* A pen's messages of somebody who says anything, and the bytes of a stroke: bounded, in order, in
 * the world. */
#include "core/stroke/pace.h"

#include "base/check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_stroke(const uint8_t *data, size_t size)
{
    ck_stroke_reader r;
    ck_stroke_point p;
    if (ck_stroke_read(&r, data, size) < 0) {
        return;
    }
    while (ck_stroke_next(&r, &p)) {
        if (p.width >= CK_STROKE_WIDTHS || p.x <= -CK_STROKE_SPAN_MAX ||
            p.y >= CK_STROKE_SPAN_MAX) {
            abort();
        }
    }
    if (r.given > CK_STROKE_POINTS_MAX) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ck_pace pace;
    ck_reader in = ck_reader_of(data, size);
    uint64_t now_us = 1000000;
    read_stroke(data, size);
    ck_pace_init(&pace);
    while (ck_reader_left(&in) > 2) {
        size_t bytes = ck_read_u8(&in);
        now_us += (uint64_t)ck_read_u8(&in) << 12;
        bytes = CK_MIN(bytes, ck_reader_left(&in));
        ck_pace_sample s;
        (void)ck_pace_feed(&pace, ck_read_bytes(&in, bytes), bytes, now_us);
        while (ck_pace_next(&pace, now_us, &s)) {
            if (s.live.x < -CK_LIVE_COORD_MAX || s.live.x > CK_LIVE_COORD_MAX ||
                s.live.width > 15) {
                abort();
            }
        }
        if (ck_pace_tip(&pace, &s) &&
            (s.live.y < -CK_LIVE_COORD_MAX || s.live.y > CK_LIVE_COORD_MAX)) {
            abort();
        }
        if (bytes % 8 == 7) {
            ck_pace_drop(&pace, (uint32_t)bytes);
        }
    }
    return pace.count > CK_PACE_SAMPLES;
}
