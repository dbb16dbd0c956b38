/*
 * What time it was in the room when received media was taken, and when media of a room time comes.
 *
 *     a pair is received      ck_room_pair(&r, source, pts, room, now)
 *     without any             ck_room_measured(&r, offset, now)      now and then
 *     playout to room time    ck_room_of_pts(&r, pts, &room)
 *     and back                ck_room_to_pts(&r, room, &pts)
 *
 * Pairs of (presentation time, room time) come from several sources; the best that gives any is in
 * use, and left for a worse one only when that gives pairs while the better has given none for
 * CK_ROOM_STALE_US. Between and beyond pairs time is taken to pass evenly, so the error grows by
 * the difference of two crystals, at most 200 ppm. Allocates nothing; one thread at a time; fields
 * are private.
 */
#ifndef CK_CORE_AVSYNC_ROOM_H
#define CK_CORE_AVSYNC_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#define CK_ROOM_PAIRS    8
#define CK_ROOM_STALE_US 10000000
#define CK_ROOM_WAIT_US  2000000 /* for a pair, before what is measured is used */
#define CK_ROOM_US_MAX   (INT64_C(1) << 60)

/* Best first. The values are those of chalkrail/playback.h. */
enum ck_room_source {
    CK_ROOM_NONE = 0,
    CK_ROOM_PICTURE = 1, /* SEI messages in the pictures */
    CK_ROOM_DATA = 2,    /* AMF data messages beside them */
    CK_ROOM_PLAYLIST = 3,
    CK_ROOM_MEASURED = 4, /* arrivals alone: the way here is not in it */
};

typedef struct ck_room_pairs {
    int64_t pts_us[CK_ROOM_PAIRS], room_us[CK_ROOM_PAIRS];
    uint32_t count, next;
    uint64_t at_us; /* when the newest came */
} ck_room_pairs;

typedef struct ck_room_map {
    ck_room_pairs sources[CK_ROOM_MEASURED];
    uint8_t source;    /* in use */
    int64_t offset_us; /* MEASURED: room time minus presentation time */
    uint64_t since_us; /* when something was first known; 0: nothing is */
} ck_room_map;

void ck_room_map_init(ck_room_map *r);
/* A source that stated this pair; out of range (below 0 or above CK_ROOM_US_MAX): ignored. */
void ck_room_pair(ck_room_map *r, enum ck_room_source source, int64_t pts_us, uint64_t room_us,
                  uint64_t now_us);
/* Room time minus presentation time as the least delayed arrivals have it. */
void ck_room_measured(ck_room_map *r, int64_t offset_us, uint64_t now_us);
enum ck_room_source ck_room_source_of(const ck_room_map *r);
/* False: no source. */
bool ck_room_of_pts(const ck_room_map *r, int64_t pts_us, uint64_t *room_us);
bool ck_room_to_pts(const ck_room_map *r, uint64_t room_us, int64_t *pts_us);

#endif
