#include "platform/generator.h"

#include "base/check.h"
#include "base/time.h"
#include "runtime/os/os.h"

#define BLOCK_US             (CK_US_PER_S / CK_GENERATOR_BLOCKS_A_SEC)
#define SOUND_LATE_MAX_US    (CK_US_PER_S / 2)
#define CLOCK_SAMPLING_TRIES 5

/* The room time of a place on a grid with `rate` places a second. */
static uint64_t grid_us(uint64_t index, uint64_t rate)
{
    return index / rate * CK_US_PER_S + index % rate * CK_US_PER_S / rate;
}

/* The first place at or after a room time; the inverse of grid_us on the places themselves. */
static uint64_t grid_index(uint64_t room_us, uint64_t rate)
{
    uint64_t part = room_us % CK_US_PER_S * rate;
    return room_us / CK_US_PER_S * rate + (part + CK_US_PER_S - 1) / CK_US_PER_S;
}

static uint64_t clock_of(const ck_generator *g, uint64_t room_us)
{
    return (uint64_t)((int64_t)room_us - g->room_minus_clock_us);
}

static uint64_t room_of(const ck_generator *g, uint64_t clock_us)
{
    return (uint64_t)((int64_t)clock_us + g->room_minus_clock_us);
}

/* Reads the wall clock between two readings of the monotonic one and keeps the tightest of a few
 * tries: a thread switch in between would shift room time by its length. */
static int64_t sample_room_offset(void)
{
    uint64_t tightest = UINT64_MAX;
    int64_t offset = 0;
    for (int i = 0; i < CLOCK_SAMPLING_TRIES; i++) {
        uint64_t before = ck_clock_us();
        uint64_t wall = ck_wall_us();
        uint64_t width = ck_clock_us() - before;
        if (width < tightest) {
            tightest = width;
            offset = (int64_t)wall - (int64_t)(before + width / 2);
        }
    }
    return offset;
}

static bool wants(const ck_generator *g, uint32_t media)
{
    return (g->media & (1u << media)) != 0;
}

/* A block is complete, and so delivered, at its end, as a microphone's would be. */
static uint64_t block_deadline(const ck_generator *g)
{
    return clock_of(g, grid_us(g->next_block + 1, CK_GENERATOR_BLOCKS_A_SEC));
}

static uint64_t picture_deadline(const ck_generator *g)
{
    return clock_of(g, grid_us(g->next_picture, g->fps));
}

static uint64_t next_deadline(const ck_generator *g)
{
    uint64_t deadline = CK_NEVER;
    if (wants(g, CHALK_MEDIA_AUDIO)) {
        deadline = block_deadline(g);
    }
    if (wants(g, CHALK_MEDIA_VIDEO)) {
        deadline = CK_MIN(deadline, picture_deadline(g));
    }
    return deadline;
}

static void deliver_sound(ck_generator *g, uint64_t now, bool deliver)
{
    if (now > block_deadline(g) + SOUND_LATE_MAX_US) {
        g->next_block = grid_index(room_of(g, now), CK_GENERATOR_BLOCKS_A_SEC);
    }
    while (block_deadline(g) <= now) {
        uint64_t room_us = grid_us(g->next_block, CK_GENERATOR_BLOCKS_A_SEC);
        g->next_block++;
        if (!deliver) {
            continue;
        }
        float samples[CK_GENERATOR_BLOCK];
        g->content.sound(g->content.user, room_us, samples);
        ck_audio_block block = {
            .samples = samples,
            .frames = CK_GENERATOR_BLOCK,
            .rate = CK_GENERATOR_RATE,
            .channels = 1,
            .capture_us = clock_of(g, room_us),
        };
        g->sink.audio(g->sink.user, &block);
    }
}

static void deliver_picture(ck_generator *g, uint64_t now, bool deliver)
{
    if (now < picture_deadline(g)) {
        return;
    }
    /* The newest that is due: what was missed meanwhile is skipped. */
    uint64_t upcoming = grid_index(room_of(g, now) + 1, g->fps);
    uint64_t newest = CK_MAX(g->next_picture, upcoming - 1);
    uint64_t room_us = grid_us(newest, g->fps);
    g->next_picture = newest + 1;
    if (!deliver) {
        return;
    }
    chalk_video_frame *frame = NULL;
    if (g->content.picture(g->content.user, room_us, &frame) == CHALK_OK) {
        frame->info.capture_us = clock_of(g, room_us);
        g->sink.video(g->sink.user, frame);
    }
}

static void generator_body(void *user)
{
    ck_generator *g = user;
    while (ck_worker_sleep_until(&g->worker, next_deadline(g))) {
        uint64_t now = ck_clock_us();
        enum ck_generator_turn turn = CK_TURN_DELIVER;
        if (g->content.turn != NULL) {
            turn = g->content.turn(g->content.user, now - g->started_us, &g->sink);
        }
        if (turn == CK_TURN_END) {
            return;
        }
        if (wants(g, CHALK_MEDIA_AUDIO)) {
            deliver_sound(g, now, turn == CK_TURN_DELIVER);
        }
        if (wants(g, CHALK_MEDIA_VIDEO)) {
            deliver_picture(g, now, turn == CK_TURN_DELIVER);
        }
    }
}

int ck_generator_init(ck_generator *g, uint32_t fps, const ck_generator_content *content)
{
    *g = (ck_generator){.content = *content, .fps = fps};
    g->room_minus_clock_us = sample_room_offset();
    return ck_worker_init(&g->worker);
}

void ck_generator_free(ck_generator *g)
{
    ck_worker_free(&g->worker);
}

int ck_generator_start(ck_generator *g, const char *name, uint32_t media,
                       const ck_source_sink *sink)
{
    if ((media & (1u << CHALK_MEDIA_VIDEO | 1u << CHALK_MEDIA_AUDIO)) == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (g->worker.running) {
        return CHALK_ERR_BAD_STATE;
    }
    g->media = media;
    g->sink = *sink;
    g->started_us = ck_clock_us();
    uint64_t room_us = room_of(g, g->started_us);
    g->next_picture = grid_index(room_us, g->fps);
    g->next_block = grid_index(room_us, CK_GENERATOR_BLOCKS_A_SEC);
    return ck_worker_start(&g->worker, name, generator_body, g);
}

void ck_generator_stop(ck_generator *g)
{
    ck_worker_stop(&g->worker);
}
