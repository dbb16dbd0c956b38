/*
 * A media file as if it were a camera and a microphone: frames are given when their time comes.
 * Stopped and started again it goes on where it was.
 *
 * Thread: open, start, stop and close belong to one owner; between start and stop media and convert
 * belong to the source's thread. Width and height are atomic because size may be asked at any time.
 */
#include "platform/file/file.h"

#include "platform/file/convert.h"
#include "platform/file/media.h"
#include "platform/options.h"
#include "platform/worker.h"

#include "base/check.h"
#include "base/time.h"

#include <stdatomic.h>
#include <stdio.h>

/* Later than this, because the process was suspended or decoding is too slow, the file goes on from
 * where it is instead of hurrying after the clock. */
#define LATE_MAX_US (CK_US_PER_S / 2)

struct ck_source {
    ck_media *media;
    ck_file_convert *convert;
    ck_worker worker;
    ck_source_sink sink;
    const ck_log *log;
    bool loop;
    bool anchored;      /* `anchor_us` is set for this run */
    int64_t anchor_us;  /* runtime clock of the file's time 0 */
    int64_t period_us;  /* of the fastest pictures wanted */
    int64_t allowed_us; /* file time of the next picture at that pace */
    atomic_int width;
    atomic_int height;
};

/* Drops pictures that come faster than asked for, as evenly as the file's own rate allows. */
static bool is_picture_wanted(ck_source *s, int64_t time_us)
{
    if (time_us + s->period_us / 4 < s->allowed_us) {
        return false;
    }
    bool in_step = time_us < s->allowed_us + s->period_us;
    s->allowed_us = (in_step ? s->allowed_us : time_us) + s->period_us;
    return true;
}

static void follow_size(ck_source *s, const chalk_video_frame *frame)
{
    if (frame->info.width == atomic_load(&s->width) &&
        frame->info.height == atomic_load(&s->height)) {
        return;
    }
    atomic_store(&s->width, frame->info.width);
    atomic_store(&s->height, frame->info.height);
    char text[64];
    snprintf(text, sizeof text, "the picture is now %d x %d", frame->info.width,
             frame->info.height);
    s->sink.notice(s->sink.user, CK_SOURCE_RESIZED, CHALK_OK, text);
}

/* A picture or block that cannot be converted is left out; the rest of the file may be whole. */
static void give_picture(ck_source *s, const ck_media_item *item, uint64_t capture_us)
{
    chalk_video_frame *frame = NULL;
    int status = ck_file_convert_video(s->convert, item->frame, &frame);
    if (status != CHALK_OK) {
        ck_logf(s->log, CHALK_LOG_WARNING, "file", "a picture is left out: %s",
                chalk_error_text(status));
        return;
    }
    frame->info.capture_us = capture_us;
    frame->info.rotation_degrees = (uint32_t)item->rotation_degrees;
    follow_size(s, frame);
    s->sink.video(s->sink.user, frame);
}

static void give_sound(ck_source *s, const ck_media_item *item, uint64_t capture_us)
{
    ck_audio_block block;
    int status = ck_file_convert_audio(s->convert, item->frame, &block);
    if (status == CHALK_OK) {
        block.capture_us = capture_us;
        s->sink.audio(s->sink.user, &block);
    } else if (status != CHALK_ERR_AGAIN) {
        ck_logf(s->log, CHALK_LOG_WARNING, "file", "a piece of sound is left out: %s",
                chalk_error_text(status));
    }
}

/* When a frame is due. The first one of a run is due at once. */
static uint64_t due_us(ck_source *s, int64_t time_us)
{
    int64_t now = (int64_t)ck_clock_us();
    if (!s->anchored) {
        s->anchored = true;
        s->anchor_us = now - time_us;
    }
    int64_t late = now - (s->anchor_us + time_us);
    if (late > (int64_t)LATE_MAX_US) {
        s->anchor_us += late;
    }
    return (uint64_t)CK_MAX(s->anchor_us + time_us, 1);
}

/* False when told to stop before the frame's time came; it is given after the next start then. */
static bool give(ck_source *s, const ck_media_item *item)
{
    bool picture = item->media == CHALK_MEDIA_VIDEO;
    uint64_t due = due_us(s, item->time_us);
    if (!ck_worker_sleep_until(&s->worker, due)) {
        return false;
    }
    if (picture && !is_picture_wanted(s, item->time_us)) {
        return true;
    }
    if (picture) {
        give_picture(s, item, due);
    } else {
        give_sound(s, item, due);
    }
    return true;
}

static void file_body(void *user)
{
    ck_source *s = user;
    for (;;) {
        ck_media_item item;
        int status = ck_media_next(s->media, &item);
        if (status == CHALK_ERR_END && s->loop) {
            status = ck_media_rewind(s->media);
            if (status == CHALK_OK) {
                continue;
            }
        }
        if (status != CHALK_OK) {
            const char *text =
                status == CHALK_ERR_END ? "the file ended" : chalk_error_text(status);
            s->sink.notice(s->sink.user, CK_SOURCE_ENDED, status, text);
            return;
        }
        if (!give(s, &item)) {
            return;
        }
        ck_media_done(s->media, &item);
    }
}

static void file_stop(ck_source *s)
{
    ck_worker_stop(&s->worker);
}

static void file_close(ck_source **source)
{
    ck_source *s = *source;
    if (s == NULL) {
        return;
    }
    file_stop(s);
    ck_file_convert_destroy(&s->convert);
    ck_media_close(&s->media);
    ck_worker_free(&s->worker);
    ck_free(&ck_heap, s);
    *source = NULL;
}

static int file_open(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    uint32_t fps = 0;
    int status = ck_options_fps(options, &fps);
    if (status != CHALK_OK || options->path == NULL || options->path[0] == '\0') {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_source *s = ck_new(&ck_heap, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    status = ck_worker_init(&s->worker);
    if (status != CHALK_OK) {
        ck_free(&ck_heap, s);
        return status;
    }
    s->log = log;
    s->loop = options->loop != 0;
    s->period_us = (int64_t)(CK_US_PER_S / fps);
    status = ck_file_convert_create(&s->convert);
    if (status == CHALK_OK) {
        status = ck_media_open(options->path, log, &s->media);
    }
    if (status != CHALK_OK) {
        file_close(&s);
        return status;
    }
    int32_t width = 0, height = 0;
    (void)ck_media_size(s->media, &width, &height);
    atomic_store(&s->width, width);
    atomic_store(&s->height, height);
    *out = s;
    return CHALK_OK;
}

static int file_size(ck_source *s, int32_t *width, int32_t *height)
{
    *width = atomic_load(&s->width);
    *height = atomic_load(&s->height);
    return *width > 0 ? CHALK_OK : CHALK_ERR_UNSUPPORTED; /* a file without a picture */
}

static int file_start(ck_source *s, uint32_t media, const ck_source_sink *sink)
{
    if (s->worker.running) {
        return CHALK_ERR_BAD_STATE;
    }
    uint32_t kinds = media & ck_media_kinds(s->media);
    if (kinds == 0) {
        return CHALK_ERR_UNSUPPORTED;
    }
    s->sink = *sink;
    s->anchored = false;
    ck_media_select(s->media, kinds);
    return ck_worker_start(&s->worker, "chalk-file", file_body, s);
}

static uint32_t file_media_of(const ck_source *s)
{
    return ck_media_kinds(s->media);
}

const ck_source_backend ck_file_source = {
    .name = "file",
    .kind = CHALK_SOURCE_FILE,
    .media = 1u << CHALK_MEDIA_VIDEO | 1u << CHALK_MEDIA_AUDIO,
    .media_of = file_media_of,
    .open = file_open,
    .size = file_size,
    .start = file_start,
    .stop = file_stop,
    .close = file_close,
};
