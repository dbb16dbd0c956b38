/* What a participant watches and publishes. */
#include "load/media.h"

#include "cli/clock.h"

#include <stdio.h>
#include <string.h>

#define RTMP_PORT 1935

/* --- addresses ------------------------------------------------------------------------------- */

/* "HOST:PORT/PATH" of the edge, without a slash at its end. */
static int after_scheme(const char *url, const char **begin)
{
    const char *mark = strstr(url, "://");
    *begin = mark != NULL ? mark + 3 : url;
    size_t size = strlen(*begin);
    while (size > 0 && (*begin)[size - 1] == '/') {
        size--;
    }
    return (int)size;
}

static bool is_secure(const char *url)
{
    return strncmp(url, "wss:", 4) == 0 || strncmp(url, "https:", 6) == 0;
}

/* Where to an edge of default ports takes publications. */
static void rtmp_base(const load_options *o, char *out, size_t size)
{
    const char *begin;
    int left = after_scheme(o->rtmp != NULL ? o->rtmp : o->edge, &begin);
    if (o->rtmp != NULL) {
        (void)snprintf(out, size, "%s", o->rtmp);
        out[strcspn(o->rtmp, ":") + 3 + (size_t)left] = '\0';
        return;
    }
    size_t host = *begin == '[' ? strcspn(begin, "]") + 1 : strcspn(begin, ":/");
    (void)snprintf(out, size, "%s://%.*s:%d", is_secure(o->edge) ? "rtmps" : "rtmp", (int)host,
                   begin, RTMP_PORT);
}

static int add_token(const load_student *s, char *url, size_t size)
{
    char token[CHALK_TOKEN_MAX];
    int status = load_student_token(s, token);
    size_t used = strlen(url);
    if (status == CHALK_OK && token[0] != '\0') {
        int more = snprintf(url + used, size - used, "?token=%s", token);
        status = more > 0 && (size_t)more < size - used ? CHALK_OK : CHALK_ERR_INVALID_ARGUMENT;
    }
    return status;
}

static int publish_url(const load_student *s, char *out, size_t size)
{
    char base[LOAD_URL_MAX], name[LOAD_NAME_SIZE];
    const load_options *o = s->hall->options;
    rtmp_base(o, base, sizeof base);
    load_student_name(s->number < o->teachers, s->number, name);
    int used = snprintf(out, size, "%s/%s%u/%s/camera", base, o->room, s->room, name);
    return used > 0 && (size_t)used < size ? add_token(s, out, size) : CHALK_ERR_INVALID_ARGUMENT;
}

static int play_url(const load_student *s, char *out, size_t size)
{
    const load_options *o = s->hall->options;
    if (o->play != NULL) {
        int used = snprintf(out, size, "%s", o->play);
        return used > 0 && (size_t)used < size ? CHALK_OK : CHALK_ERR_INVALID_ARGUMENT;
    }
    char name[LOAD_NAME_SIZE];
    const char *begin;
    int left = after_scheme(o->edge, &begin);
    load_student_name(o->teachers > 0, 0, name);
    int used = snprintf(out, size, "%s://%.*s/%s%u/%s/camera.flv",
                        is_secure(o->edge) ? "https" : "http", left, begin, o->room, s->room, name);
    return used > 0 && (size_t)used < size ? add_token(s, out, size) : CHALK_ERR_INVALID_ARGUMENT;
}

/* --- beginning ------------------------------------------------------------------------------- */

static bool publishes(const load_student *s)
{
    return s->hall->prepared != NULL &&
           (s->hall->options->media == LOAD_MEDIA_PUBLISH || s->number == 0);
}

static bool watches(const load_student *s)
{
    return s->hall->options->media == LOAD_MEDIA_RECEIVE && !s->staff;
}

static int publish(load_student *s)
{
    char url[LOAD_URL_MAX];
    chalk_publication_id publication = 0;
    chalk_output_options options;
    chalk_output_options_init(&options);
    options.url = url;
    options.prepared = s->hall->prepared;
    int status = publish_url(s, url, sizeof url);
    if (status == CHALK_OK) {
        status = chalk_publication_create(s->session, NULL, &publication);
    }
    return status == CHALK_OK
               ? chalk_output_create(s->session, publication, &options, &s->media.output)
               : status;
}

static int watch(load_student *s)
{
    char url[LOAD_URL_MAX];
    chalk_playback_options options;
    chalk_playback_options_init(&options);
    options.url = url;
    options.no_decoding = 1;
    int status = play_url(s, url, sizeof url);
    return status == CHALK_OK ? chalk_playback_create(s->session, &options, &s->media.playback)
                              : status;
}

void load_media_begin(load_student *s)
{
    load_figures *f = s->hall->figures;
    int status = CHALK_OK;
    if (s->media.begun) {
        return;
    }
    s->media.begun = true;
    s->media.since_us = cli_now_us();
    if (publishes(s)) {
        f->publishers++;
        status = publish(s);
    } else if (watches(s)) {
        f->watchers++;
        status = watch(s);
    }
    f->media_refused += status < 0;
}

/* --- the end --------------------------------------------------------------------------------- */

/* Sound that runs out is a standstill. Of pictures alone it is their own freezes that tell, for a
 * still picture is none. */
static uint64_t frozen_us(const chalk_playback_stats *stats)
{
    return stats->samples_played > 0 ? stats->freeze_us : stats->total_freezes_us;
}

static void count_watcher(load_student *s)
{
    load_figures *f = s->hall->figures;
    chalk_playback_stats stats = {.struct_size = sizeof stats};
    if (chalk_playback_get_stats(s->session, s->media.playback, &stats) < 0) {
        f->blind++; /* it ended by itself */
        return;
    }
    bool sound = stats.samples_played > 0;
    uint64_t freezes = sound ? stats.freezes : stats.freeze_count;
    f->blind += stats.first_picture_us == 0;
    f->froze += freezes > 0;
    f->stalled_froze += s->stalled && freezes > 0;
    f->freezes += freezes;
    f->frozen_us += frozen_us(&stats);
    f->watched_us += cli_now_us() - s->media.since_us;
    f->media_bytes_received += stats.bytes_received;
    f->media_reconnects += stats.reconnects;
    f->frames_received += stats.frames_received;
    if (stats.first_picture_us > 0) {
        load_histogram_add(&f->first_picture_us, stats.first_picture_us);
        load_histogram_add(&f->playout_us, (uint64_t)stats.delay_ms * 1000);
    }
}

void load_media_count(load_student *s)
{
    load_figures *f = s->hall->figures;
    chalk_output_stats stats = {.struct_size = sizeof stats};
    if (s->media.playback != 0) {
        count_watcher(s);
    }
    if (s->media.output != 0 && chalk_output_get_stats(s->session, s->media.output, &stats) == 0) {
        f->published += stats.state == CHALK_LINK_LIVE;
        f->media_bytes_sent += stats.bytes_sent;
        f->frames_unsent += stats.frames_dropped;
        f->media_reconnects += stats.reconnects;
    }
    s->media.playback = 0;
    s->media.output = 0;
}
