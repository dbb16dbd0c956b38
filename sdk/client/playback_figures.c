/* What a playback tells of itself: figures, and what time it was in the room. */
#include "client/client.h"

#include "base/check.h"

static void fill_jitter(const ck_jitter_stats *in, chalk_playback_stats *out)
{
    out->packets_received = in->packets_received;
    out->total_samples_received = in->total_samples_received;
    out->concealed_samples = in->concealed_samples;
    out->silent_concealed_samples = in->silent_concealed_samples;
    out->concealment_events = in->concealment_events;
    out->inserted_samples_for_deceleration = in->inserted_samples_for_deceleration;
    out->removed_samples_for_acceleration = in->removed_samples_for_acceleration;
    out->jitter_buffer_emitted_count = in->jitter_buffer_emitted_count;
    out->jitter_buffer_delay_us = in->jitter_buffer_delay_us;
    out->jitter_buffer_target_delay_us = in->jitter_buffer_target_delay_us;
    out->skipped_us = in->skipped_us;
}

static void fill_stats(ck_client_playback *p, chalk_playback_stats *out)
{
    ck_player_stats in;
    if (p->observer != NULL) {
        ck_observer_get_stats(p->observer, &in);
    } else {
        ck_player_get_stats(p->player, &in);
    }
    *out = (chalk_playback_stats){
        .struct_size = out->struct_size,
        .state = atomic_load(&p->state),
        .cause = atomic_load(&p->cause),
        .width = in.width,
        .height = in.height,
        .delay_ms = in.delay_ms,
        .target_delay_ms = in.target_delay_ms,
        .skew_us = (int32_t)CK_CLAMP(in.sync.skew_us, INT32_MIN, INT32_MAX),
        .reconnects = atomic_load(&p->reconnects),
        .bytes_received = atomic_load(&p->bytes_received),
        .frames_received = in.frames_received,
        .frames_decoded = in.frames_decoded,
        .frames_shown = in.frames_shown,
        .frames_dropped = in.frames_dropped,
        .decode_errors = in.decode_errors,
        .samples_played = in.samples_played,
        .samples_concealed = in.samples_concealed,
        .freezes = in.freezes,
        .freeze_us = in.freeze_us,
        .freeze_count = in.sync.freeze_count,
        .total_freezes_us = in.sync.total_freezes_us,
        .total_inter_frame_delay_us = in.sync.total_inter_frame_delay_us,
        .first_picture_us = in.first_picture_us,
        .room_time_us = in.room_time_us,
        .room_source = in.room_source,
        .decode_us = in.decode_us,
    };
    fill_jitter(&in.jitter, out);
}

int chalk_playback_get_stats(chalk_session *s, chalk_playback_id id, chalk_playback_stats *stats)
{
    if (s == NULL || stats == NULL || !CK_KNOWN_SIZE(stats)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_playback **place = ck_find_playback(s, id);
    if (place != NULL) {
        fill_stats(*place, stats);
    }
    ck_client_leave(s);
    return place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}

/* One way or the other: both have the same shape. */
static int map_time(chalk_session *s, chalk_playback_id id, uint64_t in, uint64_t *out,
                    int (*map)(ck_player *p, uint64_t in, uint64_t *out))
{
    if (s == NULL || out == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_playback **place = ck_find_playback(s, id);
    int status = place == NULL              ? CHALK_ERR_NOT_FOUND
                 : (*place)->player == NULL ? CHALK_ERR_UNSUPPORTED
                                            : map((*place)->player, in, out);
    ck_client_leave(s);
    return status;
}

int chalk_playback_room_time(chalk_session *s, chalk_playback_id id, uint64_t at_us,
                             uint64_t *room_us)
{
    return map_time(s, id, at_us, room_us, ck_player_room_time);
}

int chalk_playback_room_due(chalk_session *s, chalk_playback_id id, uint64_t room_us,
                            uint64_t *at_us)
{
    return map_time(s, id, room_us, at_us, ck_player_room_due);
}
