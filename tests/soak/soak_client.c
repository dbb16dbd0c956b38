/*
 * An application that joins and leaves again and again, told by lines on its standard input:
 *
 *     play URL PLAYERS SECONDS     that many players, for so long after all have had a picture
 *     publish URL TIMES            a test picture and sound, live for a moment, so many times
 *
 * After each it gives back to the system what it has freed, prints "done" and waits. "failed WHY"
 * and exit code 1 otherwise.
 */
#include "chalkrail/output.h"
#include "chalkrail/playback.h"
#include "chalkrail/source.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define A_SESSION    CHALK_SESSION_OBJECTS_MAX
#define SESSIONS_MAX 16
#define PLAYERS_MAX  (SESSIONS_MAX * A_SESSION)
#define PATIENCE_MS  60000

typedef struct player {
    chalk_session *session;
    chalk_playback_id id;
    chalk_video_sink *pictures;
    chalk_audio_sink *sound;
    unsigned shown;
} player;

static _Noreturn void fail(const char *what, int status)
{
    printf("failed %s: %s\n", what, chalk_error_name(status));
    exit(1);
}

static void need(int status, const char *what)
{
    if (status < 0) {
        fail(what, status);
    }
}

static void pause_ms(long ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

/* Waits until an output is in a state; what is closed by itself before is a failure. */
static void wait_for(chalk_session *session, uint32_t kind, uint32_t state)
{
    chalk_event e;
    for (;;) {
        need(chalk_session_wait_event(session, &e, PATIENCE_MS), "wait");
        if (e.kind == kind && e.state == state) {
            return;
        }
        if (e.kind == kind && e.state == CHALK_LINK_CLOSED) {
            fail(e.text, e.cause);
        }
    }
}

/* --- players --------------------------------------------------------------------------------- */

static void join(chalk_session *session, const char *url, player *p)
{
    const chalk_playback_options options = {.struct_size = sizeof options, .url = url};
    p->session = session;
    need(chalk_playback_create(session, &options, &p->id), "play");
    need(chalk_video_sink_open(session, p->id, &p->pictures), "pictures");
    need(chalk_audio_sink_open(session, p->id, &p->sound), "sound");
}

/* What an application's window and speaker do; the number of pictures. */
static unsigned watch(player *p)
{
    static float samples[960 * CHALK_PLAYBACK_CHANNELS];
    chalk_video_frame *frame = NULL;
    unsigned shown = 0;
    (void)chalk_audio_sink_read(p->sound, samples, 960, 0);
    while (chalk_video_sink_take(p->pictures, &frame) == CHALK_OK) {
        chalk_video_frame_unref(&frame);
        shown++;
    }
    return shown;
}

static void leave(player *p)
{
    chalk_video_sink_close(&p->pictures);
    chalk_audio_sink_close(&p->sound);
    need(chalk_playback_remove(p->session, p->id, NULL), "leave");
}

static void drain(chalk_session **sessions)
{
    chalk_event e;
    for (int i = 0; i < SESSIONS_MAX && sessions[i] != NULL; i++) {
        while (chalk_session_next_event(sessions[i], &e) == CHALK_OK) {
        }
    }
}

/* 50 times a second, until all have had a picture and then for so many seconds. */
static void watch_all(chalk_session **sessions, player *players, int count, int seconds)
{
    int waited_ms = 0;
    for (int left = seconds * 50; left > 0;) {
        int without = 0;
        for (int i = 0; i < count; i++) {
            players[i].shown += watch(&players[i]);
            without += players[i].shown == 0;
        }
        drain(sessions);
        left -= without == 0;
        waited_ms += without > 0 ? 20 : 0;
        if (waited_ms > PATIENCE_MS) {
            fail("no picture", CHALK_ERR_TIMEOUT);
        }
        pause_ms(20);
    }
}

static void play(chalk_runtime *runtime, const char *url, int count, int seconds)
{
    static player players[PLAYERS_MAX];
    chalk_session *sessions[SESSIONS_MAX] = {NULL};
    memset(players, 0, sizeof players);
    for (int i = 0; i < count; i++) {
        if (i % A_SESSION == 0) {
            need(chalk_session_create(runtime, NULL, &sessions[i / A_SESSION]), "session");
        }
        join(sessions[i / A_SESSION], url, &players[i]);
    }
    watch_all(sessions, players, count, seconds);
    for (int i = 0; i < count; i++) {
        leave(&players[i]);
    }
    for (int i = 0; i < SESSIONS_MAX; i++) {
        chalk_session_destroy(&sessions[i]);
    }
}

/* --- a publisher ----------------------------------------------------------------------------- */

static void publish(chalk_runtime *runtime, const char *url)
{
    chalk_session *session = NULL;
    chalk_source_options what = {
        .struct_size = sizeof what, .kind = CHALK_SOURCE_SYNTHETIC, .width = 320, .height = 180};
    chalk_output_options where = {.struct_size = sizeof where, .url = url};
    chalk_source_id source;
    chalk_publication_id stream;
    chalk_output_id output;
    need(chalk_session_create(runtime, NULL, &session), "session");
    need(chalk_source_create(session, &what, &source), "source");
    need(chalk_publication_create(session, NULL, &stream), "publication");
    for (uint32_t media = CHALK_MEDIA_VIDEO; media <= CHALK_MEDIA_AUDIO; media++) {
        const chalk_track_options how = {
            .struct_size = sizeof how, .media = media, .source = source};
        chalk_track_id track;
        need(chalk_track_create(session, stream, &how, &track), "track");
        need(chalk_encoding_create(session, track, NULL, NULL), "encoding");
    }
    need(chalk_output_create(session, stream, &where, &output), "output");
    wait_for(session, CHALK_EVENT_OUTPUT, CHALK_LINK_LIVE);
    pause_ms(50);
    chalk_session_destroy(&session);
}

int main(void)
{
    char line[512], url[400];
    int count = 0, seconds = 0;
    chalk_runtime *runtime = NULL;
    need(chalk_runtime_create(NULL, &runtime), "runtime");
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("done\n");
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "play %399s %d %d", url, &count, &seconds) == 3 && count <= PLAYERS_MAX) {
            play(runtime, url, count, seconds);
        } else if (sscanf(line, "publish %399s %d", url, &count) == 2) {
            for (int i = 0; i < count; i++) {
                publish(runtime, url);
            }
        } else {
            fail("command", CHALK_ERR_INVALID_ARGUMENT);
        }
        (void)malloc_trim(0);
        printf("done\n");
    }
    chalk_runtime_destroy(&runtime);
    return 0;
}
