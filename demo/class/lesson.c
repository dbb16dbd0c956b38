#include "class/lesson.h"

#include "class/snapshot.h"
#include "cli/stop.h"

#include <string.h>

#define SLIDE_WIDTH  1280
#define SLIDE_HEIGHT 720
#define TICK_US      5000
#define UPDATE_US    1000000
#define EDGE_GAP     16 /* pixels between a window and the edge of the desktop */

/* --- opening --------------------------------------------------------------------------------- */

static bool open_slides(lesson *l)
{
    const slide_window_options options = {
        .width = SLIDE_WIDTH,
        .height = SLIDE_HEIGHT,
        .own_display = l->options.own_display,
        .clock = &l->teacher.clock,
    };
    l->slides = slide_window_open(&options);
    if (l->slides == NULL) {
        cli_fail(l->report, "the slide window cannot be opened: %s", SDL_GetError());
    }
    return l->slides != NULL;
}

bool lesson_open(lesson *l, const lesson_options *options, cli_report *report)
{
    memset(l, 0, sizeof *l);
    l->options = *options;
    l->report = report;
    cli_meter_start(&l->meter);
    if (!teacher_open(&l->teacher, report)) {
        return false;
    }
    bool with_slides = options->own_display || !options->screen;
    if (with_slides && !open_slides(l)) {
        return false;
    }
    const teacher_options sharing = {
        .window = options->screen ? NULL : slide_window_title(l->slides),
        .microphone = options->microphone,
    };
    return teacher_publish(&l->teacher, &sharing, report);
}

/* The right edge of the desktop, one below the other. */
static void place_window(student_options *o, int index)
{
    SDL_Rect desktop = {0, 0, 1920, 1080};
    (void)SDL_GetDisplayUsableBounds(0, &desktop); /* unknown: a common one */
    o->x = desktop.x + desktop.w - 640 - EDGE_GAP;
    o->y = desktop.y + EDGE_GAP + index * (desktop.h / LESSON_STUDENTS);
}

static void let_in(lesson *l)
{
    static const char *const names[LESSON_STUDENTS] = {"student 1", "student 2"};
    static const char *const accounts[LESSON_STUDENTS] = {"student1", "student2"};
    l->joined = true;
    l->joined_us = cli_now_us();
    l->updated_us = l->joined_us;
    for (int i = 0; i < LESSON_STUDENTS; i++) {
        bool first = i == 0;
        char url[TEACHER_URL_MAX];
        cli_room_place room;
        student_options o = {
            .name = names[i],
            .url = url,
            .room = &room,
            .record = first ? l->options.recording : NULL,
            .muted = !first,
            .window = !l->options.own_display,
            .marks = l->slides != NULL,
            .clock = &l->teacher.clock,
            .report = l->report,
        };
        place_window(&o, i);
        if (!teacher_play_url(&l->teacher, accounts[i], first, url, sizeof url) ||
            !teacher_room(&l->teacher, url, false, &room) ||
            !student_join(&l->students[i], &o, l->teacher.session.runtime)) {
            cli_warn(l->report, "%s could not join", o.name);
        }
        l->students[i].options.url = NULL;  /* it was copied, */
        l->students[i].options.room = NULL; /* and so was this */
    }
}

/* --- running --------------------------------------------------------------------------------- */

static void handle_window_events(lesson *l)
{
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        bool ours = l->slides != NULL && event.type == SDL_WINDOWEVENT &&
                    event.window.windowID == slide_window_id(l->slides);
        if (ours && event.window.event == SDL_WINDOWEVENT_CLOSE) {
            l->slides_closed = true;
        } else if (event.type == SDL_KEYDOWN && event.key.keysym.sym == SDLK_p) {
            teacher_pause(&l->teacher);
        } else if (ours && (event.window.event == SDL_WINDOWEVENT_EXPOSED ||
                            event.window.event == SDL_WINDOWEVENT_SIZE_CHANGED)) {
            slide_window_expose(l->slides);
        }
        for (int i = 0; i < LESSON_STUDENTS; i++) {
            student_event(&l->students[i], &event);
        }
    }
}

static void tick_students(lesson *l)
{
    bool keep = l->slides == NULL || slide_window_rests(l->slides);
    for (int i = 0; i < LESSON_STUDENTS; i++) {
        student *s = &l->students[i];
        student_tick(s, keep);
        if (s->newest != NULL && l->first_picture_ms <= 0) {
            l->first_picture_ms = (double)(cli_now_us() - l->report->began_us) / 1000;
        }
        if (s->window_closed && s->session != NULL) {
            student_finish(s);
            student_leave(s); /* what was measured stays */
        }
    }
}

static void tell_update(lesson *l)
{
    const student *s = &l->students[0];
    for (int i = 0; i < LESSON_STUDENTS; i++) {
        student_update(&l->students[i]);
        cJSON *line = l->report->json ? cli_json(l->report, "stats") : NULL;
        if (line != NULL) {
            cJSON_AddStringToObject(line, "name", l->students[i].options.name);
            figures_json(&l->students[i].figures, line);
            cli_json_line(l->report, line);
        }
    }
    char text[256];
    figures_line(&s->figures, text, sizeof text);
    cli_live(l->report, "%3.0f s  %s", (double)(cli_now_us() - l->joined_us) / 1e6, text);
}

static bool is_over(const lesson *l)
{
    bool timed = l->joined && l->options.for_ms > 0;
    if (timed && cli_now_us() >= l->joined_us + l->options.for_ms * 1000) {
        return true;
    }
    bool watched = !l->joined;
    for (int i = 0; i < LESSON_STUDENTS; i++) {
        watched = watched || !l->students[i].window_closed;
    }
    bool shared = l->slides != NULL ? !l->slides_closed : watched;
    return cli_interrupted() || !shared || l->teacher.shared_ended ||
           l->teacher.link_state == CHALK_LINK_CLOSED;
}

static void wait_for(uint64_t room_us, const room_clock *clock)
{
    uint64_t now_us = room_clock_now_us(clock);
    uint64_t wait_us = room_us > now_us ? room_us - now_us : 0;
    wait_us = wait_us < TICK_US ? wait_us : TICK_US;
    cli_wait(wait_us >= 1000 ? (uint32_t)(wait_us / 1000) : 1);
}

void lesson_run(lesson *l)
{
    while (!is_over(l)) {
        uint64_t due_us = UINT64_MAX;
        handle_window_events(l);
        if (l->slides != NULL) {
            due_us = slide_window_tick(l->slides);
        }
        teacher_tick(&l->teacher, l->report);
        if (!l->joined && l->teacher.link_state == CHALK_LINK_LIVE) {
            let_in(l);
        }
        tick_students(l);
        if (l->joined && cli_now_us() >= l->updated_us + UPDATE_US) {
            l->updated_us += UPDATE_US;
            tell_update(l);
        }
        wait_for(due_us, &l->teacher.clock);
    }
}

/* --- concluding ------------------------------------------------------------------------------ */

static bool write_snapshot(lesson *l)
{
    const chalk_video_frame *kept = NULL;
    for (int i = 0; i < LESSON_STUDENTS && kept == NULL; i++) {
        kept = l->students[i].kept;
    }
    if (l->options.snapshot == NULL || kept == NULL) {
        return false;
    }
    int status = snapshot_write(kept, NULL, l->options.snapshot);
    if (status < 0) {
        cli_fail_status(l->report, status, l->options.snapshot);
    }
    return status == CHALK_OK;
}

static void finish_students(lesson *l)
{
    for (int i = 0; i < LESSON_STUDENTS; i++) {
        student_update(&l->students[i]);
    }
    for (int i = 0; i < LESSON_STUDENTS; i++) {
        student_finish(&l->students[i]);
    }
}

int lesson_conclude(lesson *l)
{
    lesson_result result = {
        .students = l->students,
        .student_count = LESSON_STUDENTS,
        .encoder = l->teacher.encoder,
        .seconds = l->joined ? (double)(cli_now_us() - l->joined_us) / 1e6 : 0,
        .first_picture_ms = l->first_picture_ms,
        .cpu_percent = cli_meter_percent(&l->meter),
        .drawings = l->slides != NULL ? slide_window_drawings(l->slides) : 0,
        .marks = l->slides != NULL,
        .recording = l->options.recording,
    };
    bool failed = l->teacher.link_state == CHALK_LINK_CLOSED && l->teacher.cause < 0;
    teacher_figures(&l->teacher, &result.encoding, &result.output);
    finish_students(l);
    result.snapshot = write_snapshot(l) ? l->options.snapshot : NULL;
    if (result.recording != NULL) {
        (void)mp4_read(result.recording, &result.recorded); /* unreadable: it lacks everything */
    }
    lesson_report_print(l->report, &result);
    int code = lesson_report_judge(l->report, &result);
    if (l->options.snapshot != NULL && result.snapshot == NULL && result.seconds >= 1) {
        code = cli_fail(l->report, "there is no snapshot");
    }
    if (failed) {
        code = cli_fail_status(l->report, l->teacher.cause, "the teacher's stream ended");
    }
    return code;
}

void lesson_close(lesson *l)
{
    for (int i = 0; i < LESSON_STUDENTS; i++) {
        student_leave(&l->students[i]);
    }
    teacher_leave(&l->teacher);
    slide_window_close(&l->slides);
}
