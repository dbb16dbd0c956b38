#include "core/viewer/viewer.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define DRY_US    500000u  /* so long without sound there is silence, and nothing to work out */
#define GONE_US   500000u  /* pictures go on without sound for so long: it leads no more */
#define FREEZE_US 2500000u /* pictures alone: nothing came for so long */

struct ck_viewer {
    ck_viewer_config config;
    uint64_t created_us;
    uint64_t done_us; /* all before it is worked out */
    ck_line line;
    ck_jitter *jitter; /* of the medium that leads */
    ck_avsync avsync;
    bool sound_leads;
    bool standing; /* time stands until sound comes */
    bool dry;      /* nothing is played until sound comes */
    bool closed;
    bool need_key;                           /* pictures are useless up to the next key frame */
    uint64_t made_up_us;                     /* since the last sound that was received */
    uint64_t last_sound_us, last_picture_us; /* arrivals; 0: none */
    uint64_t alone_us;                       /* of the first picture after the newest sound */
    uint64_t frozen_since_us;                /* 0: not frozen */
    uint64_t frames_received, frames_decoded, frames_dropped;
    uint64_t freezes, freeze_us, first_picture_us;
    int64_t pictures[CK_VIEWER_PICTURES]; /* presentation times, rising */
    size_t picture_count;
    ck_viewer_event events[CK_VIEWER_EVENTS];
    uint32_t event_first, event_count;
};

static void tell(ck_viewer *v, enum ck_viewer_event_kind kind, uint64_t value_us, uint64_t at_us)
{
    if (v->event_count == CK_VIEWER_EVENTS) {
        v->event_first = (v->event_first + 1) % CK_VIEWER_EVENTS;
        v->event_count--;
    }
    uint32_t at = (v->event_first + v->event_count++) % CK_VIEWER_EVENTS;
    v->events[at] = (ck_viewer_event){kind, at_us, value_us};
}

bool ck_viewer_poll_event(ck_viewer *v, ck_viewer_event *event)
{
    if (v->event_count == 0) {
        return false;
    }
    *event = v->events[v->event_first];
    v->event_first = (v->event_first + 1) % CK_VIEWER_EVENTS;
    v->event_count--;
    return true;
}

/* --- life ------------------------------------------------------------------------------------ */

static uint32_t late_ppm(const ck_viewer *v)
{
    return v->sound_leads ? v->config.late_ppm : v->config.picture_late_ppm;
}

int ck_viewer_create(const ck_viewer_config *config, uint64_t now_us, ck_viewer **out)
{
    if (config->picture_late_ppm < 100 || config->picture_late_ppm > 500000) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    const ck_jitter_config jitter = {
        .alloc = config->alloc,
        .mode = CK_JITTER_STREAM,
        .headers_only = true,
        .late_ppm = config->late_ppm,
        .start_delay_ms = config->start_ms,
        .min_delay_ms = config->min_ms,
        .max_delay_ms = config->max_ms,
        .packets_max = CK_VIEWER_SOUNDS,
    };
    ck_viewer *v = ck_new(config->alloc, sizeof *v);
    if (v == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_jitter_create(&jitter, now_us, &v->jitter);
    if (status < 0) {
        ck_free(config->alloc, v);
        return status;
    }
    v->config = *config;
    v->created_us = v->done_us = now_us;
    v->need_key = true;
    ck_line_init(&v->line);
    ck_avsync_init(&v->avsync);
    ck_jitter_set_late(v->jitter, late_ppm(v), now_us);
    *out = v;
    return CHALK_OK;
}

void ck_viewer_destroy(ck_viewer **viewer)
{
    ck_viewer *v = *viewer;
    *viewer = NULL;
    if (v != NULL) {
        ck_jitter_destroy(&v->jitter);
        ck_free(v->config.alloc, v);
    }
}

void ck_viewer_set_delays(ck_viewer *v, const ck_viewer_config *config, uint64_t now_us)
{
    const ck_alloc *alloc = v->config.alloc;
    v->config = *config;
    v->config.alloc = alloc;
    ck_jitter_set_late(v->jitter, late_ppm(v), now_us);
    ck_jitter_set_delays(v->jitter, config->min_ms, config->max_ms, now_us);
}

/* --- standing still -------------------------------------------------------------------------- */

static void freeze(ck_viewer *v, uint64_t at_us)
{
    if (v->frozen_since_us == 0 && !v->closed) {
        v->frozen_since_us = at_us;
        v->freezes++;
        tell(v, CK_VIEWER_FROZE, 0, at_us);
    }
}

static void go_on(ck_viewer *v, uint64_t at_us)
{
    if (v->frozen_since_us != 0) {
        uint64_t stood_us = at_us - CK_MIN(v->frozen_since_us, at_us);
        v->freeze_us += stood_us;
        v->frozen_since_us = 0;
        tell(v, CK_VIEWER_GOES_ON, stood_us, at_us);
    }
}

/* --- pictures -------------------------------------------------------------------------------- */

static void drop_first(ck_viewer *v, size_t count)
{
    v->picture_count -= count;
    memmove(v->pictures, v->pictures + count, v->picture_count * sizeof *v->pictures);
}

/* What becomes due from `from_us` to before `to_us`, each picture at its own instant. */
static void show_pictures(ck_viewer *v, uint64_t from_us, uint64_t to_us)
{
    int64_t position;
    while (v->picture_count > 0 && ck_avsync_position(&v->avsync, from_us, &position)) {
        int64_t ahead_us = CK_MAX(v->pictures[0] - position, 0);
        uint64_t due_us = from_us + (uint64_t)ahead_us;
        if ((v->standing && ahead_us > 0) || due_us >= to_us) {
            return;
        }
        ck_avsync_pick pick =
            ck_avsync_choose(&v->avsync, v->pictures, v->picture_count, due_us, due_us, 0);
        if (!pick.show && pick.drop == 0) {
            return;
        }
        drop_first(v, pick.drop + pick.show);
        from_us = due_us;
    }
}

/* A picture is received in decoding order and shown in its own. */
static void keep_picture(ck_viewer *v, int64_t pts_us)
{
    if (v->picture_count == CK_VIEWER_PICTURES) {
        drop_first(v, 1);
        v->frames_dropped++;
    }
    size_t at = v->picture_count++;
    for (; at > 0 && v->pictures[at - 1] > pts_us; at--) {
        v->pictures[at] = v->pictures[at - 1];
    }
    v->pictures[at] = pts_us;
}

/* --- sound ----------------------------------------------------------------------------------- */

static void take_events(ck_viewer *v)
{
    ck_jitter_event event;
    while (ck_jitter_poll_event(v->jitter, &event)) {
        if (event.kind == CK_JITTER_RAN_OUT) {
            freeze(v, event.at_us);
        } else if (event.kind == CK_JITTER_RECOVERED) {
            go_on(v, event.at_us);
        }
    }
}

/* One piece of sound at `at_us`; how long it lasts. */
static uint64_t play_piece(ck_viewer *v, uint64_t at_us)
{
    ck_jitter_out out;
    enum ck_jitter_answer answer = ck_jitter_pull(v->jitter, 0, at_us, &out);
    uint64_t lasts_us = out.duration_us;
    if (answer == CK_JITTER_PLAY) {
        lasts_us = CK_MAX((uint64_t)out.duration_us * CK_JITTER_NORMAL / out.speed, 1);
        ck_jitter_stretched(v->jitter, lasts_us, out.duration_us);
        ck_avsync_heard(&v->avsync, out.pts_us, at_us);
        v->standing = false;
        v->made_up_us = 0;
    } else if (answer != CK_JITTER_SILENCE) {
        v->made_up_us += lasts_us;
        v->standing = !out.passes;
        if (out.passes) {
            ck_avsync_heard(&v->avsync, out.pts_us, at_us);
        } else {
            ck_avsync_stands(&v->avsync, out.pts_us);
        }
    }
    take_events(v);
    return lasts_us;
}

static void play_sound(ck_viewer *v, uint64_t now_us)
{
    while (v->done_us < now_us && !v->dry) {
        uint64_t at_us = v->done_us;
        v->done_us += play_piece(v, at_us);
        show_pictures(v, at_us, v->done_us);
        v->dry = v->made_up_us >= DRY_US && ck_jitter_get_stats(v->jitter).buffered == 0;
    }
}

/* --- what was played meanwhile --------------------------------------------------------------- */

static void play_pictures(ck_viewer *v, uint64_t now_us)
{
    int64_t transit_us;
    if (ck_jitter_transit(v->jitter, &transit_us)) {
        ck_avsync_free(&v->avsync, transit_us, v->done_us);
        show_pictures(v, v->done_us, now_us);
    }
    uint64_t last_us = CK_MAX(v->last_sound_us, v->last_picture_us);
    if (last_us != 0 && now_us - CK_MIN(last_us, now_us) > FREEZE_US) {
        freeze(v, last_us + FREEZE_US);
    }
    v->done_us = now_us;
}

static void advance(ck_viewer *v, uint64_t now_us)
{
    if (v->sound_leads) {
        play_sound(v, now_us);
    } else {
        play_pictures(v, now_us);
    }
}

/* --- in -------------------------------------------------------------------------------------- */

/* The other medium is the clock from now on; what its packets need is not known yet. */
static void lead(ck_viewer *v, bool sound, uint64_t now_us)
{
    v->sound_leads = sound;
    v->dry = v->standing = false;
    v->made_up_us = 0;
    ck_jitter_restart(v->jitter, now_us);
    ck_jitter_set_late(v->jitter, late_ppm(v), now_us);
    take_events(v);
    go_on(v, now_us);
}

static void break_line(ck_viewer *v, uint64_t now_us)
{
    v->frames_dropped += v->picture_count;
    v->picture_count = 0;
    v->need_key = true;
    v->standing = false;
    ck_avsync_reset(&v->avsync);
    ck_jitter_restart(v->jitter, now_us);
    take_events(v);
}

static void begin(ck_viewer *v, enum ck_line_medium medium, int64_t time_us, uint64_t now_us)
{
    advance(v, now_us);
    if (ck_line_breaks(&v->line, medium, time_us, now_us)) {
        break_line(v, now_us);
    }
}

static int feed(ck_viewer *v, int64_t pts_us, uint32_t duration_us, uint64_t now_us)
{
    ck_jitter_packet packet = {.pts_us = pts_us, .duration_us = duration_us, .key = true};
    return ck_jitter_feed(v->jitter, &packet, now_us);
}

int ck_viewer_sound(ck_viewer *v, int64_t pts_us, uint32_t duration_us, uint64_t now_us)
{
    begin(v, CK_LINE_SOUND, pts_us, now_us);
    if (!v->sound_leads) {
        lead(v, true, now_us);
    }
    int status = feed(v, pts_us, duration_us, now_us);
    if (status == CHALK_OK) {
        v->last_sound_us = now_us;
        v->done_us = v->dry ? now_us : v->done_us;
        v->dry = false;
        take_events(v);
    }
    return status;
}

/* Pictures that went on without sound for a while are a stream of their own. */
static void follow_pictures(ck_viewer *v, int64_t dts_us, uint64_t now_us)
{
    v->last_picture_us = now_us;
    v->alone_us = v->alone_us > v->last_sound_us ? v->alone_us : now_us;
    if (v->sound_leads && v->alone_us > v->last_sound_us && now_us - v->alone_us >= GONE_US) {
        lead(v, false, now_us);
        v->done_us = now_us;
    }
    if (!v->sound_leads) {
        (void)feed(v, dts_us, 1, now_us); /* out of range it tells nothing of the delay */
        take_events(v);
        go_on(v, now_us);
    }
}

void ck_viewer_picture(ck_viewer *v, int64_t dts_us, int64_t pts_us, bool key, uint64_t now_us)
{
    begin(v, CK_LINE_PICTURE, dts_us, now_us);
    follow_pictures(v, dts_us, now_us);
    v->frames_received++;
    if (key) {
        ck_jitter_key(v->jitter, pts_us);
        v->need_key = false;
    }
    if (v->need_key) {
        v->frames_dropped++;
        return;
    }
    if (v->frames_decoded++ == 0) {
        v->first_picture_us = now_us - v->created_us;
        tell(v, CK_VIEWER_FIRST_PICTURE, v->first_picture_us, now_us);
    }
    keep_picture(v, pts_us);
}

void ck_viewer_discontinuity(ck_viewer *v, uint64_t now_us)
{
    advance(v, now_us);
    v->need_key = true;
    ck_jitter_discontinuity(v->jitter);
}

void ck_viewer_close(ck_viewer *v, uint64_t now_us)
{
    advance(v, now_us);
    go_on(v, now_us);
    v->closed = true;
}

/* --- out ------------------------------------------------------------------------------------- */

void ck_viewer_get_stats(ck_viewer *v, uint64_t now_us, ck_viewer_stats *stats)
{
    advance(v, now_us);
    *stats = (ck_viewer_stats){
        .jitter = ck_jitter_get_stats(v->jitter),
        .sync = ck_avsync_get_stats(&v->avsync, now_us),
        .frames_received = v->frames_received,
        .frames_decoded = v->frames_decoded,
        .frames_dropped = v->frames_dropped,
        .freezes = v->freezes,
        .freeze_us = v->freeze_us,
        .first_picture_us = v->first_picture_us,
    };
    stats->frames_dropped += stats->sync.frames_dropped;
    stats->target_delay_ms = stats->jitter.target_delay_ms;
    bool played = stats->jitter.jitter_buffer_emitted_count > 0;
    stats->delay_ms = played ? stats->jitter.delay_ms : stats->target_delay_ms;
    if (v->frozen_since_us != 0) {
        stats->freeze_us += now_us - CK_MIN(v->frozen_since_us, now_us);
    }
}
