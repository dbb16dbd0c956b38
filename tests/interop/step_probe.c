/*
 * Whether what is said comes with the picture of its moment, through the public API alone:
 *
 *     step_probe PLAY_URL EDGE_URL SECONDS SETTLE_SECONDS [REMOVE_SECONDS]
 *
 * Somebody joins room "step" and says something each 200 ms; somebody else follows the stream,
 * whose pictures carry the room time at which they were made (chalkrail/source.h). After
 * REMOVE_SECONDS the playback is removed. Prints one JSON object a line:
 *     {"type":"said", "at":, "ms":, "how":}    ms from when the picture of that moment was shown
 *                                             until the event was presented; at: seconds
 *     {"type":"summary", ...}
 * The picture of a moment is the last one made before it, and is at that moment what it was then:
 * so long after that picture was made. Only what was said after SETTLE_SECONDS counts. Exit code 0
 * when anything was presented.
 */
#include "chalkrail/playback.h"
#include "chalkrail/room.h"
#include "support/marks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SAY_US     200000
#define EVENTS     1000
#define PICTURES   16384  /* a ring: more than a minute */
#define BETWEEN_US 500000 /* no picture was made for longer: a moment has none of its own */

typedef struct shown {
    uint64_t made_us, at_us;
} shown;

typedef struct said {
    uint64_t origin_us, at_us;
    uint32_t how;
} said;

typedef struct probe {
    chalk_runtime *runtime;
    chalk_session *teacher, *student;
    chalk_playback_id playback;
    chalk_video_sink *pictures;
    uint64_t began_us, settled_us, say_us, remove_us, turn_us;
    uint64_t away_us; /* longest turn: a busy machine */
    uint64_t spoken;
    shown seen[PICTURES];
    size_t seen_count;
    said heard[EVENTS];
    size_t heard_count;
} probe;

static uint64_t now_of(const probe *p)
{
    return chalk_runtime_now_us(p->runtime);
}

static int join(chalk_session *session, const char *edge, const char *name, uint32_t role)
{
    chalk_room_options options;
    chalk_room_options_init(&options);
    options.url = edge;
    options.room = "step";
    options.name = name;
    options.role = role;
    return chalk_room_join(session, &options);
}

static int begin(probe *p, char **argv)
{
    chalk_playback_options options;
    chalk_playback_options_init(&options);
    options.url = argv[1];
    int status = chalk_runtime_create(NULL, &p->runtime);
    if (status == CHALK_OK) {
        status = chalk_session_create(p->runtime, NULL, &p->teacher);
    }
    if (status == CHALK_OK) {
        status = chalk_session_create(p->runtime, NULL, &p->student);
    }
    if (status == CHALK_OK) {
        status = join(p->teacher, argv[2], "ada", CHALK_ROLE_TEACHER);
    }
    if (status == CHALK_OK) {
        status = join(p->student, argv[2], "li", CHALK_ROLE_STUDENT);
    }
    if (status == CHALK_OK) {
        status = chalk_playback_create(p->student, &options, &p->playback);
    }
    if (status == CHALK_OK) {
        status = chalk_video_sink_open(p->student, p->playback, &p->pictures);
    }
    if (status == CHALK_OK) {
        status = chalk_room_follow(p->student, p->playback);
    }
    return status;
}

static void say(probe *p)
{
    chalk_room_info info = {.struct_size = sizeof info};
    if (chalk_room_get_info(p->teacher, CHALK_VIEW_HEAD, &info) != CHALK_OK ||
        info.state != CHALK_LINK_LIVE) {
        return;
    }
    chalk_room_app_options options;
    chalk_room_app_options_init(&options);
    options.value = p->spoken;
    p->spoken += chalk_room_send_app(p->teacher, &options, NULL) == CHALK_OK;
}

static void see(probe *p)
{
    chalk_video_frame *frame = NULL;
    while (chalk_video_sink_take(p->pictures, &frame) == CHALK_OK) {
        chalk_video_info info;
        chalk_video_info_init(&info);
        uint64_t number, made_us, now_us = now_of(p);
        if (chalk_video_frame_info(frame, &info) == CHALK_OK) {
            const ck_marks_view view = {info.planes[0], info.strides[0], info.width, info.height,
                                        0};
            if (ck_marks_read(&view, &number, &made_us)) {
                p->seen[p->seen_count++ % PICTURES] = (shown){made_us, now_us};
            }
        }
        chalk_video_frame_unref(&frame);
    }
}

static void hear(probe *p)
{
    chalk_room_event e;
    chalk_event state;
    while (chalk_room_next_event(p->student, &e) == CHALK_OK) {
        if (e.kind == CHALK_ROOM_EVENT_HAPPENED && e.what == CHALK_WHAT_APP &&
            p->heard_count < EVENTS) {
            p->heard[p->heard_count++] = (said){e.origin_us, now_of(p), e.how};
        }
    }
    while (chalk_room_next_event(p->teacher, &e) == CHALK_OK ||
           chalk_session_next_event(p->teacher, &state) == CHALK_OK ||
           chalk_session_next_event(p->student, &state) == CHALK_OK) {
    }
}

static void run(probe *p, double seconds)
{
    const struct timespec turn = {0, 2000000};
    uint64_t until_us = p->began_us + (uint64_t)(seconds * 1e6), now_us;
    while ((now_us = now_of(p)) < until_us) {
        uint64_t gap_us = now_us - p->turn_us;
        p->away_us = gap_us > p->away_us ? gap_us : p->away_us;
        p->turn_us = now_us;
        if (now_us >= p->say_us) {
            p->say_us += SAY_US;
            say(p);
        }
        if (now_us >= p->remove_us) {
            p->remove_us = UINT64_MAX;
            (void)chalk_playback_remove(p->student, p->playback, NULL);
        }
        see(p);
        hear(p);
        nanosleep(&turn, NULL);
    }
}

/* When that was shown which was to be seen at `origin_us`; 0: it never was. */
static uint64_t shown_at(const probe *p, uint64_t origin_us)
{
    const shown *best = NULL;
    size_t count = p->seen_count < PICTURES ? p->seen_count : PICTURES;
    for (size_t i = 0; i < count; i++) {
        const shown *s = &p->seen[i];
        bool before = s->made_us <= origin_us && origin_us - s->made_us < BETWEEN_US;
        best = before && (best == NULL || s->made_us > best->made_us) ? s : best;
    }
    return best != NULL ? best->at_us + (origin_us - best->made_us) : 0;
}

static void tell(const probe *p)
{
    for (size_t i = 0; i < p->heard_count; i++) {
        const said *s = &p->heard[i];
        uint64_t picture_us = shown_at(p, s->origin_us);
        if (s->at_us < p->settled_us) {
            continue;
        }
        printf("{\"type\":\"said\",\"at\":%.3f,\"how\":\"%s\",\"ms\":",
               (double)(s->at_us - p->began_us) / 1e6, chalk_room_how_name(s->how));
        if (picture_us != 0) {
            printf("%.1f}\n", (double)(int64_t)(s->at_us - picture_us) / 1000);
        } else {
            puts("null}");
        }
    }
    chalk_room_lateness_stats late = {.struct_size = sizeof late};
    (void)chalk_room_get_lateness(p->student, CHALK_WHAT_APP, &late);
    printf("{\"type\":\"summary\",\"said\":%" PRIu64 ",\"presented\":%zu,\"pictures\":%zu"
           ",\"away_ms\":%" PRIu64 ",\"in_step\":%" PRIu64 ",\"marked\":%" PRIu32
           ",\"late_ms_max\":%.1f}\n",
           p->spoken, p->heard_count, p->seen_count, p->away_us / 1000, late.in_step, late.marked,
           (double)late.late_us_max / 1000);
}

int main(int argc, char **argv)
{
    static probe p; /* large */
    if (argc < 5) {
        fputs("usage: step_probe PLAY_URL EDGE_URL SECONDS SETTLE_SECONDS [REMOVE_SECONDS]\n",
              stderr);
        return 2;
    }
    int status = begin(&p, argv);
    if (status < 0) {
        fprintf(stderr, "%s\n", chalk_error_name(status));
    } else {
        p.began_us = p.turn_us = p.say_us = now_of(&p);
        p.settled_us = p.began_us + (uint64_t)(strtod(argv[4], NULL) * 1e6);
        p.remove_us = argc > 5 ? p.began_us + (uint64_t)(strtod(argv[5], NULL) * 1e6) : UINT64_MAX;
        run(&p, strtod(argv[3], NULL));
        tell(&p);
    }
    chalk_video_sink_close(&p.pictures);
    chalk_session_destroy(&p.student);
    chalk_session_destroy(&p.teacher);
    chalk_runtime_destroy(&p.runtime);
    return status == CHALK_OK && p.heard_count > 0 ? 0 : 1;
}
