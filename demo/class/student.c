#include "class/student.h"

#include "class/subject.h"
#include "cli/session.h"

#include <inttypes.h>
#include <string.h>

#define BLOCK         480 /* samples a pull: 10 ms */
#define BLOCK_US      10000
#define BEHIND_US     200000 /* a puller this late starts anew */
#define PAIR_US       500000 /* flash and click of the same second are nearer than this */
#define FINISH_MS     5000
#define WINDOW_WIDTH  640
#define WINDOW_HEIGHT 360

/* --- joining --------------------------------------------------------------------------------- */

static bool start_playback(student *s)
{
    const student_options *o = &s->options;
    chalk_playback_options options;
    chalk_playback_options_init(&options);
    options.url = o->url;
    options.use_speaker = o->window;
    options.muted = o->muted;
    int status = chalk_playback_create(s->session, &options, &s->playback);
    if (status == CHALK_OK) {
        status = chalk_video_sink_open(s->session, s->playback, &s->pictures);
    }
    if (status == CHALK_OK && !o->window && !o->muted) {
        status = chalk_audio_sink_open(s->session, s->playback, &s->sound);
        s->measured_sound = status == CHALK_OK;
    }
    if (status < 0) {
        cli_fail_status(o->report, status, o->name);
        return false;
    }
    status =
        o->record != NULL ? chalk_playback_record(s->session, s->playback, o->record) : CHALK_OK;
    s->recording = o->record != NULL && status == CHALK_OK;
    s->record_status = status;
    if (status < 0) {
        cli_fail_status(o->report, status, o->record);
    }
    return true;
}

/* Without it the lesson is one without a pointer. */
static void enter_room(student *s)
{
    s->room = *s->options.room;
    if (cli_room_join(&s->room, s->session, CHALK_ROLE_STUDENT, s->options.report) == CLI_DONE) {
        (void)chalk_room_follow(s->session, s->playback); /* gone: there is no picture to follow */
    }
}

static void show_pointer(student *s)
{
    cli_room_take(&s->room, s->session);
    bool live = s->link_state == CHALK_LINK_LIVE;
    if (pointer_look(&s->pointer, s->session, &s->room, live ? s->newest : NULL) &&
        s->window != NULL) {
        view_set_pointer(s->window, &s->pointer);
    }
}

static void open_window(student *s)
{
    const student_options *o = &s->options;
    const view_options window = {
        .title = o->name,
        .x = o->x,
        .y = o->y,
        .width = WINDOW_WIDTH,
        .height = WINDOW_HEIGHT,
    };
    s->window = view_open(&window);
    if (s->window == NULL) {
        cli_warn(o->report, "%s goes on without a window: %s", o->name, SDL_GetError());
    }
}

bool student_join(student *s, const student_options *options, chalk_runtime *runtime)
{
    memset(s, 0, sizeof *s);
    s->options = *options;
    s->joined_us = cli_now_us();
    s->muted = options->muted;
    s->flash = -1;
    s->link_state = CHALK_LINK_CONNECTING;
    figures_start(&s->figures);
    if (cli_session_add(runtime, options->report, &s->session) < 0) {
        return false;
    }
    if (options->window) {
        open_window(s);
    }
    if (!start_playback(s)) {
        return false;
    }
    enter_room(s);
    return true;
}

/* --- measuring ------------------------------------------------------------------------------- */

static void add_tick(student_ticks *t, int64_t pts_us, uint64_t shown_us)
{
    if (t->count == STUDENT_PAIRS) { /* the oldest never found its counterpart */
        t->count--;
        memmove(t->pts_us, t->pts_us + 1, t->count * sizeof t->pts_us[0]);
        memmove(t->shown_us, t->shown_us + 1, t->count * sizeof t->shown_us[0]);
    }
    t->pts_us[t->count] = pts_us;
    t->shown_us[t->count] = shown_us;
    t->count++;
}

static void remove_tick(student_ticks *t, uint32_t index)
{
    t->count--;
    t->pts_us[index] = t->pts_us[t->count];
    t->shown_us[index] = t->shown_us[t->count];
}

static bool is_pair(int64_t flash_us, int64_t click_us)
{
    int64_t apart = flash_us > click_us ? flash_us - click_us : click_us - flash_us;
    return apart < PAIR_US;
}

static void pair_ticks(student *s)
{
    student_ticks *f = &s->flashes, *c = &s->clicks;
    for (uint32_t i = 0; i < f->count; i++) {
        for (uint32_t k = 0; k < c->count; k++) {
            if (is_pair(f->pts_us[i], c->pts_us[k])) {
                samples_add(&s->skew_stream, f->pts_us[i] - c->pts_us[k]);
                samples_add(&s->skew_shown, (int64_t)(f->shown_us[i] - c->shown_us[k]));
                remove_tick(f, i);
                remove_tick(c, k);
                return; /* each call adds one tick, so there is one pair at most */
            }
        }
    }
}

static void measure_picture(student *s, const chalk_video_info *info)
{
    uint64_t number = 0, drawn_us = 0;
    uint64_t now_us = chalk_runtime_now_us(s->options.clock->runtime);
    if (!marks_read(info, &number, &drawn_us)) {
        s->unreadable++;
        return;
    }
    samples_add(&s->latency, (int64_t)(now_us + s->options.clock->offset_us - drawn_us));
    int flash = marks_flash(info);
    if (flash == 1 && s->flash == 0) {
        add_tick(&s->flashes, info->pts_us, now_us);
        pair_ticks(s);
    }
    s->flash = flash;
}

static void measure_sound(student *s, const float *block, uint32_t real, int64_t end_pts_us,
                          uint64_t began_us)
{
    int32_t at = marks_hear(&s->ear, block, real, CHALK_PLAYBACK_CHANNELS);
    if (at >= 0) {
        int64_t before_end = ((int64_t)real - at) * 1000000 / CHALK_SAMPLE_RATE;
        uint64_t after_begin = (uint64_t)at * 1000000 / CHALK_SAMPLE_RATE;
        add_tick(&s->clicks, end_pts_us - before_end, began_us + after_begin);
        pair_ticks(s);
    }
}

/* --- ticks ----------------------------------------------------------------------------------- */

static void keep_picture(student *s, chalk_video_frame **place)
{
    chalk_video_frame_unref(place);
    *place = chalk_video_frame_ref(s->newest);
}

static void take_pictures(student *s, bool keep)
{
    chalk_video_frame *frame = NULL;
    if (chalk_video_sink_take(s->pictures, &frame) != CHALK_OK) {
        return;
    }
    chalk_video_frame_unref(&s->newest);
    s->newest = frame;
    chalk_video_info info;
    chalk_video_info_init(&info);
    if (chalk_video_frame_info(frame, &info) == CHALK_OK && s->options.marks) {
        measure_picture(s, &info);
    }
    if (keep || s->kept == NULL) {
        keep_picture(s, &s->kept);
    }
    if (s->window != NULL) {
        (void)view_show(s->window, frame); /* a kind of picture that SDL cannot show stays unseen */
    }
}

/* Reads what has become due since the last time, in real time. */
static void pull_sound(student *s)
{
    float block[BLOCK * CHALK_PLAYBACK_CHANNELS];
    uint64_t now_us = chalk_runtime_now_us(s->options.clock->runtime);
    if (s->heard_us == 0 || now_us > s->heard_us + BEHIND_US) {
        s->heard_us = now_us;
    }
    while (s->heard_us <= now_us) {
        /* A device plays at an even pace: the block counts as heard when it was due, however late
         * the loop reads it. */
        int real = chalk_audio_sink_read(s->sound, block, BLOCK, 0);
        if (real > 0 && s->options.marks) {
            measure_sound(s, block, (uint32_t)real, chalk_audio_sink_pts_us(s->sound), s->heard_us);
        }
        s->heard_us += BLOCK_US;
    }
}

static void show_state(student *s)
{
    if (s->window == NULL) {
        return;
    }
    const char *words = view_words(s->link_state, s->newest != NULL, s->cause);
    char text[96];
    snprintf(text, sizeof text, "%s%s", words, s->muted ? " (muted)" : "");
    view_set_state(s->window, text, s->newest == NULL || s->link_state != CHALK_LINK_LIVE);
}

static void handle_event(student *s, const chalk_event *e)
{
    switch (e->kind) {
    case CHALK_EVENT_PLAYBACK:
        s->link_state = e->state;
        s->cause = e->cause < 0 || e->state == CHALK_LINK_LIVE ? e->cause : s->cause;
        s->closed = s->closed || e->state == CHALK_LINK_CLOSED;
        break;
    case CHALK_EVENT_MEDIA:
        memcpy(s->media, e->text, sizeof s->media);
        break;
    case CHALK_EVENT_RECORDING:
        s->recording = e->state == 1;
        s->recorded = e->state == 0 && e->cause == CHALK_OK;
        s->record_status = e->cause;
        break;
    default:
        break;
    }
    char subject[64];
    subject_of_event(s->options.name, e, subject, sizeof subject);
    cli_event(s->options.report, subject, e);
}

static void handle_events(student *s)
{
    chalk_event event;
    while (chalk_session_next_event(s->session, &event) == CHALK_OK) {
        handle_event(s, &event);
    }
}

void student_tick(student *s, bool keep)
{
    if (s->session == NULL) {
        return;
    }
    handle_events(s);
    take_pictures(s, keep);
    show_pointer(s);
    if (s->sound != NULL) {
        pull_sound(s);
    }
    if (s->window != NULL) {
        show_state(s);
        (void)view_draw(s->window);
    }
}

void student_event(student *s, const SDL_Event *event)
{
    switch (s->window != NULL ? view_event(s->window, event) : VIEW_NONE) {
    case VIEW_CLOSE:
        s->window_closed = true;
        break;
    case VIEW_MUTE:
        s->muted = !s->muted;
        (void)chalk_playback_mute(s->session, s->playback, s->muted); /* gone: nothing to mute */
        break;
    default:
        break;
    }
}

void student_update(student *s)
{
    char text[512];
    if (s->session == NULL || !figures_update(&s->figures, s->session, s->playback)) {
        return;
    }
    if (s->window != NULL) {
        figures_overlay(&s->figures, s->options.name, text, sizeof text);
        view_set_figures(s->window, text);
    }
}

double student_kbps(const student *s)
{
    double seconds = (double)(s->figures.at_us - s->joined_us) / 1e6;
    return seconds > 0 ? (double)s->figures.now.bytes_received * 8 / 1000 / seconds : 0;
}

/* --- leaving --------------------------------------------------------------------------------- */

void student_finish(student *s)
{
    if (s->session == NULL) {
        return;
    }
    if (!s->closed) {
        (void)chalk_playback_remove(s->session, s->playback, NULL); /* gone: it ends as well */
    }
    uint64_t until_us = cli_now_us() + (uint64_t)FINISH_MS * 1000;
    chalk_event event;
    while ((!s->closed || s->recording) && cli_now_us() < until_us) {
        if (chalk_session_wait_event(s->session, &event, 100) == CHALK_OK) {
            handle_event(s, &event);
        }
    }
}

void student_leave(student *s)
{
    view_close(&s->window);
    chalk_video_frame_unref(&s->newest);
    chalk_video_frame_unref(&s->kept);
    chalk_video_sink_close(&s->pictures);
    chalk_audio_sink_close(&s->sound);
    chalk_session_destroy(&s->session);
}
