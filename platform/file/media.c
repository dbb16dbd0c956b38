#include "platform/file/media.h"

#include "platform/file/quiet.h"

#include "chalkrail/codec.h"
#include "chalkrail/frame.h"
#include "chalkrail/runtime.h"

#include "base/check.h"
#include "base/text.h"

#include <errno.h>
#include <libavutil/display.h>
#include <math.h>
#include <string.h>

#define PATH_BYTES_MAX 4096

enum { PICTURE, SOUND, TRACKS };

struct ck_media {
    AVFormatContext *container;
    AVClass container_class; /* of `container`, see quiet.h */
    AVPacket *packet;        /* scratch */
    ck_track tracks[TRACKS];
    const ck_log *log;
    int rotation_degrees;
    bool read_any;     /* packets were read since the file was opened */
    bool at_end;       /* the container has no more packets in this pass */
    bool gave_any;     /* in this pass */
    int64_t place_us;  /* of the last frame that was done with, in this pass */
    int64_t offset_us; /* length of all earlier passes */
    int64_t length_us; /* of this pass so far */
};

static const uint32_t media_of[TRACKS] = {CHALK_MEDIA_VIDEO, CHALK_MEDIA_AUDIO};

static int status_of(int averror)
{
    switch (averror) {
    case AVERROR(ENOMEM):
        return CHALK_ERR_NO_MEMORY;
    case AVERROR(EACCES):
    case AVERROR(EPERM):
        return CHALK_ERR_NO_PERMISSION;
    case AVERROR_INVALIDDATA:
    case AVERROR_EOF: /* ended before it began */
        return CHALK_ERR_BAD_DATA;
    default:
        return CHALK_ERR_IO;
    }
}

static int fail(const ck_log *log, const char *what, int averror)
{
    char reason[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(averror, reason, sizeof reason);
    ck_logf(log, CHALK_LOG_ERROR, "file", "%s: %s", what, reason);
    return status_of(averror);
}

static int open_container(ck_media *m, const char *path)
{
    char url[PATH_BYTES_MAX];
    ck_text text = ck_text_of(url, sizeof url);
    /* The prefix makes a path of whatever the name looks like; the list keeps playlists and the
     * like from opening anything but files. */
    ck_text_add(&text, "file:");
    ck_text_add(&text, path);
    if (text.cut) {
        return CHALK_ERR_IO;
    }
    m->container = avformat_alloc_context();
    if (m->container == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_av_quiet_container(m->container, &m->container_class);
    AVDictionary *options = NULL;
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    int status = avformat_open_input(&m->container, url, NULL, &options);
    av_dict_free(&options);
    if (status < 0) {
        return fail(m->log, path, status);
    }
    status = avformat_find_stream_info(m->container, NULL);
    return status < 0 ? fail(m->log, path, status) : CHALK_OK;
}

static int check_size(const ck_media *m)
{
    int32_t width, height;
    if (!ck_media_size(m, &width, &height)) {
        return CHALK_OK;
    }
    if (width < 1 || height < 1) {
        return CHALK_ERR_BAD_DATA;
    }
    bool fits = width <= CHALK_PICTURE_SIDE_MAX && height <= CHALK_PICTURE_SIDE_MAX;
    return fits ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

/* Phones store pictures as the sensor lay and note how to turn them. */
static int read_rotation(const AVStream *stream)
{
    size_t size = 0;
    const uint8_t *matrix = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (matrix == NULL || size < 9 * sizeof(int32_t)) {
        return 0;
    }
    double counterclockwise = av_display_rotation_get((const int32_t *)(const void *)matrix);
    if (isnan(counterclockwise)) {
        return 0;
    }
    int quarters = (int)lround(-counterclockwise / 90.0);
    return (quarters % 4 + 4) % 4 * 90;
}

static int open_tracks(ck_media *m)
{
    int status = ck_track_open(&m->tracks[PICTURE], m->container, AVMEDIA_TYPE_VIDEO);
    if (status == CHALK_OK) {
        status = ck_track_open(&m->tracks[SOUND], m->container, AVMEDIA_TYPE_AUDIO);
    }
    if (status != CHALK_OK) {
        return status;
    }
    if (ck_media_kinds(m) == 0) {
        return CHALK_ERR_BAD_DATA;
    }
    if (ck_track_exists(&m->tracks[PICTURE])) {
        m->rotation_degrees = read_rotation(m->tracks[PICTURE].stream);
    }
    return check_size(m);
}

int ck_media_open(const char *path, const ck_log *log, ck_media **out)
{
    ck_media *m = ck_new(&ck_heap, sizeof *m);
    if (m == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    m->log = log;
    m->tracks[PICTURE].index = -1;
    m->tracks[SOUND].index = -1;
    m->packet = av_packet_alloc();
    int status = m->packet != NULL ? open_container(m, path) : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        status = open_tracks(m);
    }
    if (status == CHALK_OK) {
        *out = m;
    } else {
        ck_media_close(&m);
    }
    return status;
}

void ck_media_close(ck_media **media)
{
    ck_media *m = *media;
    if (m == NULL) {
        return;
    }
    for (int i = 0; i < TRACKS; i++) {
        ck_track_close(&m->tracks[i]);
    }
    av_packet_free(&m->packet);
    avformat_close_input(&m->container);
    ck_free(&ck_heap, m);
    *media = NULL;
}

uint32_t ck_media_kinds(const ck_media *m)
{
    uint32_t kinds = 0;
    for (int i = 0; i < TRACKS; i++) {
        kinds |= ck_track_exists(&m->tracks[i]) ? 1u << media_of[i] : 0;
    }
    return kinds;
}

bool ck_media_size(const ck_media *m, int32_t *width, int32_t *height)
{
    if (!ck_track_exists(&m->tracks[PICTURE])) {
        return false;
    }
    *width = m->tracks[PICTURE].stream->codecpar->width;
    *height = m->tracks[PICTURE].stream->codecpar->height;
    return true;
}

void ck_media_select(ck_media *m, uint32_t kinds)
{
    for (int i = 0; i < TRACKS; i++) {
        ck_track *t = &m->tracks[i];
        bool wanted = ck_track_exists(t) && (kinds & 1u << media_of[i]) != 0;
        if (wanted && !t->wanted && m->gave_any) {
            ck_track_skip(t, m->place_us);
        }
        t->wanted = wanted;
    }
}

static ck_track *track_of_packet(ck_media *m)
{
    for (int i = 0; i < TRACKS; i++) {
        if (m->tracks[i].index == m->packet->stream_index) {
            return &m->tracks[i];
        }
    }
    return NULL;
}

/* Reads one packet and gives it to its track, wanted or not: one that is wanted later finds its
 * recent packets waiting. AGAIN: a wanted track is full, so nothing was read. */
static int read_packet(ck_media *m)
{
    for (int i = 0; i < TRACKS; i++) {
        if (m->tracks[i].wanted && !ck_track_has_room(&m->tracks[i])) {
            return CHALK_ERR_AGAIN;
        }
    }
    int status = av_read_frame(m->container, m->packet);
    if (status == AVERROR_EOF) {
        m->at_end = true;
        return CHALK_OK;
    }
    if (status < 0) {
        return fail(m->log, "reading", status);
    }
    ck_track *track = track_of_packet(m);
    bool kept = track == NULL || ck_track_put(track, m->packet);
    av_packet_unref(m->packet);
    return kept ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

/* Decodes until the track has a frame. AGAIN: the other track's queue is full, so it goes first. */
static int prepare(ck_media *m, ck_track *t)
{
    for (;;) {
        int status = ck_track_decode(t, m->at_end);
        if (status == CHALK_ERR_AGAIN) {
            status = read_packet(m);
            if (status == CHALK_OK) {
                continue;
            }
        }
        return status;
    }
}

static int next_track(ck_media *m, int *out)
{
    int found = -1;
    for (int i = 0; i < TRACKS; i++) {
        ck_track *t = &m->tracks[i];
        int status = t->wanted ? prepare(m, t) : CHALK_ERR_END;
        if (status == CHALK_ERR_END || status == CHALK_ERR_AGAIN) {
            continue;
        }
        if (status != CHALK_OK) {
            return status;
        }
        if (found < 0 || t->time_us < m->tracks[found].time_us) {
            found = i;
        }
    }
    *out = found;
    return found >= 0 ? CHALK_OK : CHALK_ERR_END;
}

int ck_media_next(ck_media *m, ck_media_item *out)
{
    int found = -1;
    int status = next_track(m, &found);
    if (status != CHALK_OK) {
        return status;
    }
    const ck_track *t = &m->tracks[found];
    *out = (ck_media_item){.media = media_of[found],
                           .frame = t->frame,
                           .time_us = m->offset_us + t->time_us,
                           .rotation_degrees = found == PICTURE ? m->rotation_degrees : 0};
    return CHALK_OK;
}

void ck_media_done(ck_media *m, const ck_media_item *item)
{
    ck_track *t = &m->tracks[item->media == CHALK_MEDIA_VIDEO ? PICTURE : SOUND];
    t->ready = false;
    m->place_us = CK_MAX(t->time_us, 0);
    m->gave_any = true;
    m->length_us = CK_MAX(m->length_us, t->end_us);
}

int ck_media_rewind(ck_media *m)
{
    if (!m->gave_any) {
        return CHALK_ERR_END;
    }
    int64_t start = m->container->start_time != AV_NOPTS_VALUE ? m->container->start_time : 0;
    int status = avformat_seek_file(m->container, -1, INT64_MIN, start, start, 0);
    if (status < 0) {
        /* A bare elementary stream has no index of times. */
        status = avformat_seek_file(m->container, -1, 0, 0, 0, AVSEEK_FLAG_BYTE);
    }
    if (status < 0) {
        (void)fail(m->log, "rewinding", status);
        return CHALK_ERR_IO;
    }
    for (int i = 0; i < TRACKS; i++) {
        if (ck_track_exists(&m->tracks[i])) {
            ck_track_flush(&m->tracks[i]);
        }
    }
    m->at_end = false;
    m->place_us = 0;
    m->offset_us += m->length_us;
    m->length_us = 0;
    m->gave_any = false;
    return CHALK_OK;
}
