/*
 * Pictures and sound made on a thread of their own, paced by absolute deadlines: the common part of
 * the synthetic and the null source, which only differ in what they draw and say.
 *
 * Both media stand on one grid of room time (microseconds since the Unix epoch). The offset between
 * room time and the monotonic clock is measured once when opening, so pictures and sound cannot
 * drift apart, whatever happens to the wall clock later. Pictures lie on n/fps of each second,
 * blocks of sound on whole hundredths, so every whole second has a picture (with the fps asked for)
 * and the start of a block exactly on it. Deadlines are multiples, never sums, so nothing
 * accumulates.
 *
 * After the process was suspended, the newest picture that is due is given and those before it are
 * skipped; sound that is more than half a second late is skipped, as a real device's would be.
 */
#ifndef CK_PLATFORM_GENERATOR_H
#define CK_PLATFORM_GENERATOR_H

#include "platform/worker.h"
#include "runtime/media/capture.h"

#define CK_GENERATOR_RATE         48000
#define CK_GENERATOR_BLOCK        480 /* samples, mono: 10 ms */
#define CK_GENERATOR_BLOCKS_A_SEC 100

/* What one turn may do. */
enum ck_generator_turn {
    CK_TURN_DELIVER = 1,
    CK_TURN_HOLD = 2, /* the turn's media are skipped */
    CK_TURN_END = 3,  /* nothing more will come; the thread returns */
};

typedef struct ck_generator_content {
    /* Draws the picture of `room_us`; on an error that picture is skipped. */
    int (*picture)(void *user, uint64_t room_us, chalk_video_frame **out);
    /* Fills the block that starts at `room_us`, a whole hundredth of a second. */
    void (*sound)(void *user, uint64_t room_us, float out[CK_GENERATOR_BLOCK]);
    /* Asked before anything is delivered, `elapsed_us` after the start; NULL: always deliver. */
    enum ck_generator_turn (*turn)(void *user, uint64_t elapsed_us, const ck_source_sink *sink);
    void *user;
} ck_generator_content;

typedef struct ck_generator {
    ck_worker worker;
    ck_generator_content content;
    ck_source_sink sink;
    uint32_t media; /* bits 1 << enum chalk_media */
    uint32_t fps;
    int64_t room_minus_clock_us;
    uint64_t started_us;
    uint64_t next_picture; /* index on the grid: fps a second */
    uint64_t next_block;   /* index on the grid: CK_GENERATOR_BLOCKS_A_SEC a second */
} ck_generator;

int ck_generator_init(ck_generator *g, uint32_t fps, const ck_generator_content *content);
void ck_generator_free(ck_generator *g);
/* Errors: INVALID_ARGUMENT (no media asked for), BAD_STATE (runs already), LIMIT (no thread). */
int ck_generator_start(ck_generator *g, const char *name, uint32_t media,
                       const ck_source_sink *sink);
void ck_generator_stop(ck_generator *g);

#endif
