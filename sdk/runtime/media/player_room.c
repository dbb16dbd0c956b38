/* Playout to room time and back. */
#include "runtime/media/player_inside.h"

#include "base/check.h"

/* --- with the lock held ---------------------------------------------------------------------- */

/* Nobody states room time: media is taken to have been made when the least delayed of it arrives.
 * The difference of the two clocks is read anew each time, so a wall clock that is set is followed.
 */
void ck_player_measure_room(ck_player *p, uint64_t now_us)
{
    int64_t base_us;
    if (ck_jitter_transit(p->jitter, &base_us)) {
        uint32_t target_ms = ck_jitter_get_stats(p->jitter).target_delay_ms;
        base_us -= (int64_t)target_ms * CK_US_PER_MS;
    } else if (ck_delay_known(&p->arrivals)) {
        base_us = ck_delay_base(&p->arrivals);
    } else {
        return;
    }
    ck_room_measured(&p->room, base_us + (int64_t)(ck_wall_us() - now_us), now_us);
}

ck_room_change ck_player_room_change(ck_player *p)
{
    uint8_t source = (uint8_t)ck_room_source_of(&p->room);
    ck_room_change change = {
        .changed = source != CK_ROOM_NONE && source != p->room_told,
        .from = p->room_told,
        .to = source,
    };
    p->room_told = change.changed ? source : p->room_told;
    return change;
}

/* --- without --------------------------------------------------------------------------------- */

void ck_player_tell_room(ck_player *p, ck_room_change change)
{
    if (change.changed) {
        ck_player_notify(p, CK_PLAYER_ROOM_SOURCE, change.from, change.to, "");
    }
}

int ck_player_room_time(ck_player *p, uint64_t at_us, uint64_t *room_us)
{
    int64_t pts_us = 0;
    uv_mutex_lock(&p->lock);
    uint64_t now_us = ck_clock_us();
    bool known = ck_player_position(p, now_us, &pts_us);
    pts_us += CK_CLAMP((int64_t)(at_us - now_us), -CK_ROOM_US_MAX, CK_ROOM_US_MAX);
    known = known && ck_room_of_pts(&p->room, pts_us, room_us);
    uv_mutex_unlock(&p->lock);
    return known ? CHALK_OK : CHALK_ERR_AGAIN;
}

int ck_player_room_due(ck_player *p, uint64_t room_us, uint64_t *at_us)
{
    int64_t position_us = 0, pts_us = 0;
    uv_mutex_lock(&p->lock);
    uint64_t now_us = ck_clock_us();
    bool known =
        ck_player_position(p, now_us, &position_us) && ck_room_to_pts(&p->room, room_us, &pts_us);
    uv_mutex_unlock(&p->lock);
    *at_us = (uint64_t)CK_MAX((int64_t)now_us + pts_us - position_us, 0);
    return known ? CHALK_OK : CHALK_ERR_AGAIN;
}
