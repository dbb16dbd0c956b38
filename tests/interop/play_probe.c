/*
 * What somebody sees and hears who plays a synthetic stream, through the public API alone:
 *
 *     play_probe URL SECONDS SETTLE_SECONDS [low | balanced | smooth]
 *
 * Pictures are taken as fast as they come and sound is read 10 ms at a time, as a device does.
 * Prints one JSON object a line:
 *     {"type":"skew", ...}     a flash and the click that belongs to it
 *     {"type":"event", ...}    freezes, sources of room time
 *     {"type":"second", ...}   delays and counters, once a second
 *     {"type":"summary", ...}  distances of told room time from what the pictures show
 * Distances are sums over what came after SETTLE_SECONDS. Exit code 0 when anything was played.
 */
#include "chalkrail/playback.h"
#include "support/marks.h"
#include "unit/skew_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEVICE_US    20000   /* from a read to the ear */
#define WINDOW_US    8000000 /* the log of sound holds little more */
#define PICTURES_MAX 100000

typedef struct distances {
    int64_t us[PICTURES_MAX];
    size_t count;
} distances;

typedef struct probe {
    chalk_runtime *runtime;
    chalk_session *session;
    chalk_playback_id id;
    chalk_video_sink *pictures;
    chalk_audio_sink *sound;
    uint64_t began_us, settled_us, read_next_us, window_us, second_us;
    bool closed;
    uint64_t shown, heard;
    uint64_t away_us; /* for how long the device of this program stood still: a busy machine */
    skew_log log;
    distances told,
        due;        /* room time of pictures: as told, and when the inverse says they are due */
    distances late; /* from being taken to being seen, by this machine's clock */
} probe;

static uint64_t now_of(const probe *p)
{
    return chalk_runtime_now_us(p->runtime);
}

static double seconds_of(const probe *p, uint64_t at_us)
{
    return (double)(at_us - p->began_us) / 1e6;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void add(distances *d, int64_t us)
{
    if (d->count < PICTURES_MAX) {
        d->us[d->count++] = llabs(us);
    }
}

static double ms_at(distances *d, double share)
{
    qsort(d->us, d->count, sizeof d->us[0], by_size);
    return d->count > 0 ? (double)d->us[(size_t)(share * (double)(d->count - 1))] / 1000 : -1;
}

/* --- seeing and hearing ---------------------------------------------------------------------- */

static void judge_room_time(probe *p, uint64_t painted_us, uint64_t now_us)
{
    chalk_playback_stats stats = {.struct_size = sizeof stats};
    struct timespec wall;
    uint64_t due_us = 0;
    if (now_us < p->settled_us) {
        return;
    }
    clock_gettime(CLOCK_REALTIME, &wall);
    add(&p->late, (int64_t)wall.tv_sec * 1000000 + wall.tv_nsec / 1000 - (int64_t)painted_us);
    if (chalk_playback_get_stats(p->session, p->id, &stats) != CHALK_OK || stats.room_source == 0) {
        return;
    }
    add(&p->told, (int64_t)(stats.room_time_us - painted_us));
    if (chalk_playback_room_due(p->session, p->id, painted_us, &due_us) == CHALK_OK) {
        add(&p->due, (int64_t)(due_us - now_us));
    }
}

static void see(probe *p)
{
    chalk_video_frame *frame = NULL;
    while (p->pictures != NULL && chalk_video_sink_take(p->pictures, &frame) == CHALK_OK) {
        chalk_video_info info;
        chalk_video_info_init(&info);
        uint64_t number, painted_us, now_us = now_of(p);
        if (chalk_video_frame_info(frame, &info) == CHALK_OK) {
            const ck_marks_view view = {info.planes[0], info.strides[0], info.width, info.height,
                                        0};
            skew_log_see(&p->log, ck_marks_flash(&view), now_us);
            p->shown++;
            if (ck_marks_read(&view, &number, &painted_us)) {
                judge_room_time(p, painted_us, now_us);
            }
        }
        chalk_video_frame_unref(&frame);
    }
}

static void hear(probe *p)
{
    uint64_t now_us = now_of(p);
    while (p->read_next_us <= now_us) {
        if (now_us - p->read_next_us > DEVICE_US) {
            p->away_us += now_us - p->read_next_us;
            p->read_next_us = now_us; /* this program was away, and the device ran dry */
        }
        float out[SKEW_READ * CHALK_PLAYBACK_CHANNELS];
        uint64_t heard_us = p->read_next_us + DEVICE_US;
        int real = chalk_audio_sink_read(p->sound, out, SKEW_READ, (uint32_t)(heard_us - now_us));
        p->heard += real > 0;
        skew_log_hear(&p->log, out, heard_us);
        p->read_next_us += 10000;
    }
}

static void end_window(probe *p)
{
    uint64_t skews_us[SKEW_FLASHES];
    size_t count = skew_log_each(&p->log, skews_us);
    for (size_t i = 0; i < count; i++) {
        printf("{\"type\":\"skew\",\"ms\":%.1f}\n", (double)skews_us[i] / 1000);
    }
    skew_log_init(&p->log);
    p->window_us = now_of(p) + WINDOW_US;
}

/* --- telling --------------------------------------------------------------------------------- */

static void tell_events(probe *p)
{
    chalk_event e;
    while (chalk_session_next_event(p->session, &e) == CHALK_OK) {
        p->closed = p->closed || (e.kind == CHALK_EVENT_PLAYBACK && e.state == CHALK_LINK_CLOSED);
        printf("{\"type\":\"event\",\"at\":%.3f,\"kind\":\"%s\",\"state\":%" PRIu32
               ",\"cause\":\"%s\",\"value\":%" PRId64 "}\n",
               seconds_of(p, e.time_us), chalk_event_kind_name(e.kind), e.state,
               chalk_error_name(e.cause), e.value);
    }
}

static void tell_second(probe *p)
{
    chalk_playback_stats s = {.struct_size = sizeof s};
    if (chalk_playback_get_stats(p->session, p->id, &s) != CHALK_OK) {
        return;
    }
    printf("{\"type\":\"second\",\"at\":%.3f,\"delay_ms\":%" PRIu32 ",\"target_delay_ms\":%" PRIu32
           ",\"freezes\":%" PRIu64 ",\"freeze_count\":%" PRIu64 ",\"concealed_ms\":%.0f"
           ",\"skipped_ms\":%.0f,\"removed_ms\":%.0f,\"inserted_ms\":%.0f,\"frames_shown\":%" PRIu64
           ",\"room_source\":\"%s\"}\n",
           seconds_of(p, now_of(p)), s.delay_ms, s.target_delay_ms, s.freezes, s.freeze_count,
           (double)s.samples_concealed / 48, (double)s.skipped_us / 1000,
           (double)s.removed_samples_for_acceleration / 48,
           (double)s.inserted_samples_for_deceleration / 48, s.frames_shown,
           chalk_room_source_name(s.room_source));
    (void)fflush(stdout);
}

static void tell_summary(probe *p)
{
    printf("{\"type\":\"summary\",\"shown\":%" PRIu64 ",\"heard\":%" PRIu64 ",\"away_ms\":%" PRIu64
           ",\"told\":{\"count\":%zu,\"median\":%.1f,\"p95\":%.1f,\"max\":%.1f}"
           ",\"due\":{\"count\":%zu,\"median\":%.1f,\"p95\":%.1f,\"max\":%.1f}"
           ",\"late\":{\"count\":%zu,\"median\":%.1f,\"p95\":%.1f,\"max\":%.1f}}\n",
           p->shown, p->heard, p->away_us / 1000, p->told.count, ms_at(&p->told, 0.5),
           ms_at(&p->told, 0.95), ms_at(&p->told, 1), p->due.count, ms_at(&p->due, 0.5),
           ms_at(&p->due, 0.95), ms_at(&p->due, 1), p->late.count, ms_at(&p->late, 0.5),
           ms_at(&p->late, 0.95), ms_at(&p->late, 1));
}

/* --- the run --------------------------------------------------------------------------------- */

static uint32_t latency_of(const char *word)
{
    return strcmp(word, "low") == 0      ? CHALK_LATENCY_LOW
           : strcmp(word, "smooth") == 0 ? CHALK_LATENCY_SMOOTH
                                         : CHALK_LATENCY_BALANCED;
}

static int begin(probe *p, const char *url, uint32_t latency, double settle)
{
    chalk_playback_options options;
    chalk_playback_options_init(&options);
    options.url = url;
    options.latency = latency;
    int status = chalk_runtime_create(NULL, &p->runtime);
    if (status == CHALK_OK) {
        status = chalk_session_create(p->runtime, NULL, &p->session);
    }
    if (status == CHALK_OK) {
        p->began_us = now_of(p);
        status = chalk_playback_create(p->session, &options, &p->id);
    }
    if (status == CHALK_OK) {
        status = chalk_video_sink_open(p->session, p->id, &p->pictures);
    }
    if (status == CHALK_OK) {
        status = chalk_audio_sink_open(p->session, p->id, &p->sound);
    }
    p->settled_us = p->began_us + (uint64_t)(settle * 1e6);
    p->second_us = p->began_us + 1000000;
    p->window_us = p->began_us + WINDOW_US;
    p->read_next_us = p->began_us;
    skew_log_init(&p->log);
    return status;
}

static void run(probe *p, double seconds)
{
    const struct timespec turn = {0, 2000000};
    uint64_t until_us = p->began_us + (uint64_t)(seconds * 1e6);
    while (now_of(p) < until_us && !p->closed) {
        tell_events(p);
        see(p);
        hear(p);
        if (now_of(p) >= p->second_us) {
            p->second_us += 1000000;
            tell_second(p);
        }
        if (now_of(p) >= p->window_us) {
            end_window(p);
        }
        nanosleep(&turn, NULL);
    }
    end_window(p);
}

int main(int argc, char **argv)
{
    static probe p; /* large */
    if (argc < 4) {
        fputs("usage: play_probe URL SECONDS SETTLE_SECONDS [low | balanced | smooth]\n", stderr);
        return 2;
    }
    int status = begin(&p, argv[1], latency_of(argc > 4 ? argv[4] : ""), strtod(argv[3], NULL));
    if (status < 0) {
        fprintf(stderr, "%s\n", chalk_error_name(status));
    } else {
        run(&p, strtod(argv[2], NULL));
        tell_summary(&p);
    }
    chalk_video_sink_close(&p.pictures);
    chalk_audio_sink_close(&p.sound);
    chalk_session_destroy(&p.session);
    chalk_runtime_destroy(&p.runtime);
    return status == CHALK_OK && p.shown + p.heard > 0 ? 0 : 1;
}
