#include "core/avsync/room.h"

#include "base/check.h"

void ck_room_map_init(ck_room_map *r)
{
    *r = (ck_room_map){0};
}

static bool is_stale(const ck_room_map *r, uint64_t now_us)
{
    uint64_t at_us = r->source == CK_ROOM_MEASURED ? 0 : r->sources[r->source].at_us;
    return r->source == CK_ROOM_NONE || now_us - CK_MIN(at_us, now_us) > CK_ROOM_STALE_US;
}

static void note_beginning(ck_room_map *r, uint64_t now_us)
{
    r->since_us = r->since_us == 0 ? CK_MAX(now_us, 1) : r->since_us;
}

void ck_room_pair(ck_room_map *r, enum ck_room_source source, int64_t pts_us, uint64_t room_us,
                  uint64_t now_us)
{
    bool sane = pts_us >= -CK_ROOM_US_MAX && pts_us <= CK_ROOM_US_MAX && room_us <= CK_ROOM_US_MAX;
    if (!sane || source < CK_ROOM_PICTURE || source > CK_ROOM_PLAYLIST) {
        return;
    }
    ck_room_pairs *pairs = &r->sources[source];
    pairs->pts_us[pairs->next] = pts_us;
    pairs->room_us[pairs->next] = (int64_t)room_us;
    pairs->next = (pairs->next + 1) % CK_ROOM_PAIRS;
    pairs->count = CK_MIN(pairs->count + 1, CK_ROOM_PAIRS);
    pairs->at_us = now_us;
    note_beginning(r, now_us);
    if (source < r->source || is_stale(r, now_us)) {
        r->source = (uint8_t)source;
    }
}

void ck_room_measured(ck_room_map *r, int64_t offset_us, uint64_t now_us)
{
    note_beginning(r, now_us);
    r->offset_us = offset_us;
    if (r->source == CK_ROOM_NONE && now_us - r->since_us >= CK_ROOM_WAIT_US) {
        r->source = CK_ROOM_MEASURED;
    }
}

enum ck_room_source ck_room_source_of(const ck_room_map *r)
{
    return r->source;
}

/* The latest pair at or before `time`, on the axis that `by` has; else the earliest. */
static uint32_t pair_for(const ck_room_pairs *pairs, const int64_t *by, int64_t time)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < pairs->count; i++) {
        bool before = by[i] <= time, best_before = by[best] <= time;
        bool later = before && by[i] >= by[best];
        if (best_before ? later : before || by[i] < by[best]) {
            best = i;
        }
    }
    return best;
}

bool ck_room_of_pts(const ck_room_map *r, int64_t pts_us, uint64_t *room_us)
{
    if (r->source == CK_ROOM_NONE) {
        return false;
    }
    int64_t room = pts_us + r->offset_us;
    if (r->source != CK_ROOM_MEASURED) {
        const ck_room_pairs *pairs = &r->sources[r->source];
        uint32_t i = pair_for(pairs, pairs->pts_us, pts_us);
        room = pairs->room_us[i] + (pts_us - pairs->pts_us[i]);
    }
    *room_us = (uint64_t)CK_MAX(room, 0);
    return true;
}

bool ck_room_to_pts(const ck_room_map *r, uint64_t room_us, int64_t *pts_us)
{
    if (r->source == CK_ROOM_NONE) {
        return false;
    }
    int64_t room = (int64_t)CK_MIN(room_us, (uint64_t)CK_ROOM_US_MAX);
    *pts_us = room - r->offset_us;
    if (r->source != CK_ROOM_MEASURED) {
        const ck_room_pairs *pairs = &r->sources[r->source];
        uint32_t i = pair_for(pairs, pairs->room_us, room);
        *pts_us = pairs->pts_us[i] + (room - pairs->room_us[i]);
    }
    return true;
}
