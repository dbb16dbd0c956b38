#include "runtime/media/observer.h"

#include "core/viewer/viewer.h"
#include "runtime/media/intake.h"
#include "runtime/os/os.h"

#include <uv.h>

/* `lock` guards its group of fields; it is a leaf, and notices are given without it. The rest is
 * the loop thread's. */
struct ck_observer {
    ck_player_config config;

    uv_mutex_t lock;
    ck_viewer *viewer;
    uint64_t decode_errors;
    uint32_t width, height;

    ck_intake intake;
    bool bad_codec_told;
};

static ck_viewer_config viewer_config(const ck_player_delays *d)
{
    return (ck_viewer_config){
        .alloc = &ck_heap,
        .late_ppm = d->late_ppm,
        .picture_late_ppm = d->picture_late_ppm,
        .start_ms = d->start_ms,
        .min_ms = d->min_ms,
        .max_ms = d->max_ms,
    };
}

int ck_observer_create(const ck_player_config *config, ck_observer **out)
{
    ck_observer *o = ck_new(&ck_heap, sizeof *o);
    if (o == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    o->config = *config;
    if (uv_mutex_init(&o->lock) != 0) {
        ck_free(&ck_heap, o);
        return CHALK_ERR_LIMIT;
    }
    const ck_viewer_config viewer = viewer_config(&config->delays);
    int status = ck_viewer_create(&viewer, ck_clock_us(), &o->viewer);
    if (status < 0) {
        ck_observer_destroy(&o);
        return status;
    }
    *out = o;
    return CHALK_OK;
}

void ck_observer_destroy(ck_observer **observer)
{
    ck_observer *o = *observer;
    *observer = NULL;
    if (o != NULL) {
        ck_viewer_destroy(&o->viewer);
        uv_mutex_destroy(&o->lock);
        ck_free(&ck_heap, o);
    }
}

/* --- what is told ---------------------------------------------------------------------------- */

static void notify(ck_observer *o, enum ck_player_notice what, int status, int64_t value,
                   const char *text)
{
    o->config.notice(o->config.user, what, status, value, text);
}

static void tell(ck_observer *o, const ck_viewer_event *event)
{
    if (event->kind == CK_VIEWER_FIRST_PICTURE) {
        notify(o, CK_PLAYER_FIRST_PICTURE, CHALK_OK, (int64_t)event->value_us, "");
        return;
    }
    /* A standstill that lasted no time at all has ended all the same. */
    bool ends = event->kind == CK_VIEWER_GOES_ON;
    int64_t value = ends ? (int64_t)(event->value_us > 0 ? event->value_us : 1) : 0;
    notify(o, CK_PLAYER_FREEZE, CHALK_ERR_TIMEOUT, value, "");
}

/* Unlocks, and tells what has happened. */
static void unlock_and_tell(ck_observer *o)
{
    ck_viewer_event events[CK_VIEWER_EVENTS];
    uint32_t count = 0;
    while (count < CK_VIEWER_EVENTS && ck_viewer_poll_event(o->viewer, &events[count])) {
        count++;
    }
    uv_mutex_unlock(&o->lock);
    for (uint32_t i = 0; i < count; i++) {
        tell(o, &events[i]);
    }
}

/* --- in -------------------------------------------------------------------------------------- */

static void take_media(ck_observer *o, uint32_t media, const ck_packet *packet)
{
    int status = CHALK_OK;
    uint64_t now_us = ck_clock_us();
    uv_mutex_lock(&o->lock);
    if (media == CHALK_MEDIA_VIDEO) {
        ck_viewer_picture(o->viewer, packet->dts_us, packet->pts_us, packet->key, now_us);
    } else {
        uint32_t lasts_us = ck_intake_sound_us(&o->intake, packet);
        status = ck_viewer_sound(o->viewer, packet->pts_us, lasts_us, now_us);
    }
    o->decode_errors += status < 0;
    unlock_and_tell(o);
}

void ck_observer_packet(ck_observer *o, uint32_t media, const ck_packet *packet)
{
    if (!packet->config) {
        take_media(o, media, packet);
        return;
    }
    const char *told = ck_intake_describe(&o->intake, media, packet);
    uv_mutex_lock(&o->lock);
    o->width = o->intake.width;
    o->height = o->intake.height;
    uv_mutex_unlock(&o->lock);
    if (told != NULL) {
        notify(o, CK_PLAYER_MEDIA, CHALK_OK, 0, told);
    }
}

void ck_observer_tag(ck_observer *o, ck_flv_tag *tag)
{
    uint32_t media = 0;
    const char *refused = NULL;
    ck_packet packet;
    int status = ck_intake_tag(&o->intake, tag, &media, &packet, &refused);
    if (status == CHALK_OK) {
        ck_observer_packet(o, media, &packet);
        ck_packet_unref(&packet);
    } else if (status == CHALK_ERR_CODEC_UNKNOWN && !o->bad_codec_told) {
        o->bad_codec_told = true;
        notify(o, CK_PLAYER_BAD_CODEC, CHALK_ERR_CODEC_UNKNOWN, 0, refused);
    } else if (status == CHALK_ERR_BAD_DATA) {
        uv_mutex_lock(&o->lock);
        o->decode_errors++;
        uv_mutex_unlock(&o->lock);
    }
    ck_slice_unref(&tag->body);
}

void ck_observer_discontinuity(ck_observer *o)
{
    ck_intake_restart(&o->intake);
    o->bad_codec_told = false;
    uv_mutex_lock(&o->lock);
    ck_viewer_discontinuity(o->viewer, ck_clock_us());
    unlock_and_tell(o);
}

void ck_observer_close(ck_observer *o)
{
    uv_mutex_lock(&o->lock);
    ck_viewer_close(o->viewer, ck_clock_us());
    unlock_and_tell(o);
}

/* --- any thread ------------------------------------------------------------------------------ */

void ck_observer_set_delays(ck_observer *o, const ck_player_delays *delays)
{
    const ck_viewer_config config = viewer_config(delays);
    uv_mutex_lock(&o->lock);
    ck_viewer_set_delays(o->viewer, &config, ck_clock_us());
    uv_mutex_unlock(&o->lock);
}

void ck_observer_get_stats(ck_observer *o, ck_player_stats *stats)
{
    ck_viewer_stats seen;
    uv_mutex_lock(&o->lock);
    ck_viewer_get_stats(o->viewer, ck_clock_us(), &seen);
    *stats = (ck_player_stats){
        .width = o->width,
        .height = o->height,
        .delay_ms = seen.delay_ms,
        .target_delay_ms = seen.target_delay_ms,
        .jitter = seen.jitter,
        .sync = seen.sync,
        .frames_received = seen.frames_received,
        .frames_decoded = seen.frames_decoded,
        .frames_shown = seen.sync.frames_rendered,
        .frames_dropped = seen.frames_dropped,
        .decode_errors = o->decode_errors,
        .samples_played = seen.jitter.total_samples_received,
        .samples_concealed = seen.jitter.concealed_samples,
        .freezes = seen.freezes,
        .freeze_us = seen.freeze_us,
        .first_picture_us = seen.first_picture_us,
    };
    uv_mutex_unlock(&o->lock);
}
