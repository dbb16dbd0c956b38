#include "class/teacher.h"

#include "chalkrail/device.h"
#include "class/subject.h"
#include "cli/clock.h"
#include "commands.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROOM        "demo"
#define NAME        "teacher"
#define TOKEN_S     (24 * 3600)
#define FPS         30
#define DEVICES_MAX 256
#define WINDOW_MS   3000 /* how long the desktop may take to show a window */

/* --- the edge -------------------------------------------------------------------------------- */

static bool make_secret(teacher *t)
{
    FILE *random = fopen("/dev/urandom", "rb");
    bool fine = random != NULL && fread(t->secret, sizeof t->secret, 1, random) == 1;
    if (random != NULL) {
        fclose(random);
    }
    return fine;
}

static bool open_edge(teacher *t, cli_report *report)
{
    chalk_edge_options options;
    chalk_edge_options_init(&options);
    options.rtmp = "127.0.0.1:0";
    options.http = "127.0.0.1:0";
    options.secret = t->secret;
    options.secret_size = sizeof t->secret;
    options.log = cli_log;
    options.log_user = report;
    options.log_level = report->verbose ? CHALK_LOG_DEBUG : CHALK_LOG_WARNING;
    int status = chalk_edge_create(&options, &t->edge);
    if (status < 0) {
        cli_fail_status(report, status, "the edge");
    }
    return status == CHALK_OK;
}

bool teacher_open(teacher *t, cli_report *report)
{
    memset(t, 0, sizeof *t);
    if (!make_secret(t)) {
        cli_fail(report, "/dev/urandom cannot be read: no secret for the edge");
        return false;
    }
    if (!open_edge(t, report) || cli_session_open(&t->session, report) < 0) {
        return false;
    }
    t->clock = room_clock_start(t->session.runtime);
    return true;
}

static bool make_token(const teacher *t, const char *name, uint32_t role, char *out)
{
    uint64_t expires_s = (uint64_t)time(NULL) + TOKEN_S;
    return chalk_token_create(t->secret, sizeof t->secret, ROOM, name, role, expires_s, out,
                              CHALK_TOKEN_MAX) == CHALK_OK;
}

bool teacher_play_url(const teacher *t, const char *name, bool http, char *out, size_t size)
{
    char token[CHALK_TOKEN_MAX];
    if (!make_token(t, name, CHALK_ROLE_STUDENT, token)) {
        return false;
    }
    int port = http ? chalk_edge_http_port(t->edge) : chalk_edge_rtmp_port(t->edge);
    int length = snprintf(out, size, "%s://127.0.0.1:%d/" ROOM "/" NAME "/screen%s?token=%s",
                          http ? "http" : "rtmp", port, http ? ".flv" : "", token);
    return length > 0 && (size_t)length < size;
}

bool teacher_room(const teacher *t, const char *url, bool owner, cli_room_place *out)
{
    char edge[64];
    (void)snprintf(edge, sizeof edge, "http://127.0.0.1:%d", chalk_edge_http_port(t->edge));
    const cli_room_wish wish = {.room = edge};
    return cli_room_find(&cmd_demo_spec, &wish, url, owner, out);
}

/* --- what is shared -------------------------------------------------------------------------- */

static bool find_window(teacher *t, const char *title, char id[CHALK_DEVICE_TEXT_MAX])
{
    static chalk_device devices[DEVICES_MAX];
    size_t count = 0;
    if (chalk_devices_list(t->session.runtime, devices, DEVICES_MAX, &count) != CHALK_OK) {
        return false;
    }
    for (size_t i = 0; i < count && i < DEVICES_MAX; i++) {
        if (devices[i].kind == CHALK_DEVICE_WINDOW && strcmp(devices[i].name, title) == 0) {
            memcpy(id, devices[i].id, CHALK_DEVICE_TEXT_MAX);
            return true;
        }
    }
    return false;
}

/* A window that was just opened may not be listed yet. */
static int window_source(teacher *t, const char *title)
{
    char id[CHALK_DEVICE_TEXT_MAX];
    uint64_t until_us = cli_now_us() + (uint64_t)WINDOW_MS * 1000;
    bool found = find_window(t, title, id);
    while (!found && cli_now_us() < until_us) {
        const struct timespec wait = {0, 20 * 1000 * 1000};
        (void)nanosleep(&wait, NULL);
        found = find_window(t, title, id);
    }
    if (!found) {
        return CHALK_ERR_NO_DEVICE;
    }
    chalk_source_options options;
    chalk_source_options_init(&options);
    options.kind = CHALK_SOURCE_WINDOW;
    options.device = id;
    options.cursor = CHALK_CURSOR_LANE;
    options.fps = FPS;
    return chalk_source_create(t->session.session, &options, &t->picture);
}

static int screen_source(teacher *t)
{
    chalk_source_options options;
    chalk_source_options_init(&options);
    options.kind = CHALK_SOURCE_SCREEN;
    options.cursor = CHALK_CURSOR_LANE;
    options.border = 1;
    options.fps = FPS;
    return chalk_source_create(t->session.session, &options, &t->picture);
}

static int sound_source(teacher *t, bool microphone)
{
    chalk_source_options options;
    chalk_source_options_init(&options);
    options.kind = microphone ? CHALK_SOURCE_MICROPHONE : CHALK_SOURCE_PUSH;
    return chalk_source_create(t->session.session, &options, &t->sound);
}

/* --- publishing ------------------------------------------------------------------------------ */

static int add_track(teacher *t, uint32_t media, chalk_source_id source,
                     chalk_encoding_id *encoding)
{
    chalk_track_options track;
    chalk_track_id id = 0;
    chalk_track_options_init(&track);
    track.media = media;
    track.source = source;
    track.hint = media == CHALK_MEDIA_VIDEO ? CHALK_HINT_SLIDES : CHALK_HINT_VOICE;
    int status = chalk_track_create(t->session.session, t->publication, &track, &id);
    return status == CHALK_OK ? chalk_encoding_create(t->session.session, id, NULL, encoding)
                              : status;
}

static int add_output(teacher *t, cli_report *report)
{
    char token[CHALK_TOKEN_MAX], url[TEACHER_URL_MAX];
    if (!make_token(t, NAME, CHALK_ROLE_TEACHER, token)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    snprintf(url, sizeof url, "rtmp://127.0.0.1:%d/" ROOM "/" NAME "/screen?token=%s",
             chalk_edge_rtmp_port(t->edge), token);
    chalk_output_options options;
    chalk_output_options_init(&options);
    options.url = url;
    if (!teacher_room(t, url, true, &t->room) ||
        cli_room_join(&t->room, t->session.session, CHALK_ROLE_TEACHER, report) != CLI_DONE) {
        return CHALK_ERR_BAD_STATE;
    }
    return chalk_output_create(t->session.session, t->publication, &options, &t->output);
}

/* What went wrong, or NULL. */
static const char *publish(teacher *t, const teacher_options *options, cli_report *report,
                           int *status)
{
    chalk_session *session = t->session.session;
    *status = options->window != NULL ? window_source(t, options->window) : screen_source(t);
    if (*status < 0) {
        return options->window != NULL ? "the slide window cannot be shared"
                                       : "the screen cannot be shared";
    }
    *status = sound_source(t, options->microphone);
    if (*status < 0) {
        return options->microphone ? "the microphone" : "the voice";
    }
    *status = chalk_publication_create(session, NULL, &t->publication);
    *status = *status < 0 ? *status : add_track(t, CHALK_MEDIA_VIDEO, t->picture, &t->video);
    *status = *status < 0 ? *status : add_track(t, CHALK_MEDIA_AUDIO, t->sound, &t->audio);
    *status = *status < 0 ? *status : add_output(t, report);
    if (*status < 0) {
        return "the teacher cannot publish";
    }
    if (!options->microphone) {
        t->voice = voice_start(session, t->sound, &t->clock);
        *status = t->voice != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    return *status < 0 ? "the voice" : NULL;
}

bool teacher_publish(teacher *t, const teacher_options *options, cli_report *report)
{
    int status = CHALK_OK;
    const char *what = publish(t, options, report, &status);
    if (what != NULL) {
        cli_fail_status(report, status, what);
    }
    return what == NULL;
}

/* --- while it runs --------------------------------------------------------------------------- */

static void handle_event(teacher *t, const chalk_event *e)
{
    if (e->kind == CHALK_EVENT_OUTPUT) {
        t->link_state = e->state;
        t->cause = e->cause;
        if (e->state == CHALK_LINK_LIVE && t->live_us == 0) {
            t->live_us = chalk_runtime_now_us(t->session.runtime);
        }
    } else if (e->kind == CHALK_EVENT_ENCODER && e->object == t->video) {
        memcpy(t->encoder, e->text, sizeof t->encoder);
    } else if (e->kind == CHALK_EVENT_SOURCE && e->object == t->picture) {
        t->shared_ended = t->shared_ended || e->state == CHALK_SOURCE_ENDED;
    }
}

void teacher_tick(teacher *t, cli_report *report)
{
    chalk_event event;
    while (chalk_session_next_event(t->session.session, &event) == CHALK_OK) {
        handle_event(t, &event);
        char subject[64];
        subject_of_event(NAME, &event, subject, sizeof subject);
        cli_event(report, subject, &event);
    }
    cli_room_take(&t->room, t->session.session);
}

void teacher_pause(teacher *t)
{
    if (chalk_source_pause(t->session.session, t->picture, !t->paused) == CHALK_OK) {
        t->paused = !t->paused;
    }
}

void teacher_figures(teacher *t, chalk_encoding_stats *encoding, chalk_output_stats *output)
{
    *encoding = (chalk_encoding_stats){.struct_size = sizeof *encoding};
    *output = (chalk_output_stats){.struct_size = sizeof *output};
    /* What is gone by now leaves the zeros. */
    (void)chalk_encoding_get_stats(t->session.session, t->video, encoding);
    (void)chalk_output_get_stats(t->session.session, t->output, output);
}

void teacher_leave(teacher *t)
{
    voice_stop(&t->voice);
    cli_session_close(&t->session);
    chalk_edge_destroy(&t->edge);
}
