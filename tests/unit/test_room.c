/* Playout to room time and back. */
#include "core/avsync/room.h"
#include "support/check.h"

#include "base/check.h"

#define S    INT64_C(1000000)
#define ROOM (UINT64_C(1700000000) * S)

CK_TEST(room, nothing_is_known_at_first)
{
    ck_room_map r;
    uint64_t room = 7;
    int64_t pts = 7;
    ck_room_map_init(&r);
    CK_CHECK(!ck_room_of_pts(&r, 0, &room) && !ck_room_to_pts(&r, ROOM, &pts));
    CK_CHECK(room == 7 && pts == 7);
    CK_CHECK_EQ(ck_room_source_of(&r), CK_ROOM_NONE);
    ck_room_pair(&r, CK_ROOM_PICTURE, 0, UINT64_MAX, 1); /* out of range */
    ck_room_pair(&r, CK_ROOM_MEASURED, 0, ROOM, 1);      /* no pairs of that */
    ck_room_pair(&r, CK_ROOM_PICTURE, INT64_MIN, ROOM, 1);
    CK_CHECK_EQ(ck_room_source_of(&r), CK_ROOM_NONE);
}

CK_TEST(room, between_and_beyond_pairs_time_passes_evenly)
{
    ck_room_map r;
    ck_room_map_init(&r);
    for (int64_t i = 0; i < 20; i++) { /* the publisher's crystal is off by 100 ppm */
        ck_room_pair(&r, CK_ROOM_PICTURE, i * S, ROOM + (uint64_t)(i * S + i * 100), 1);
    }
    static const struct {
        int64_t pts;
        int64_t off; /* room time above ROOM + pts */
    } rows[] = {
        {19 * S, 1900}, {25 * S, 1900}, {18 * S + S / 2, 1800},
        {12 * S, 1200}, {3 * S, 1200}, /* older than what is remembered */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint64_t room = 0;
        int64_t pts = 0;
        CK_CHECK_ROW(i, ck_room_of_pts(&r, rows[i].pts, &room));
        CK_CHECK_ROW(i, room == ROOM + (uint64_t)(rows[i].pts + rows[i].off));
        CK_CHECK_ROW(i, ck_room_to_pts(&r, room, &pts) && pts == rows[i].pts);
    }
}

CK_TEST(room, the_best_source_is_used_and_left_when_it_falls_silent)
{
    ck_room_map r;
    ck_room_map_init(&r);
    static const struct {
        uint64_t now_s;
        enum ck_room_source pair; /* what comes */
        enum ck_room_source used;
    } rows[] = {
        {1, CK_ROOM_MEASURED, CK_ROOM_NONE}, /* a pair may come yet */
        {4, CK_ROOM_MEASURED, CK_ROOM_MEASURED},  {5, CK_ROOM_PLAYLIST, CK_ROOM_PLAYLIST},
        {6, CK_ROOM_DATA, CK_ROOM_DATA},          {7, CK_ROOM_PICTURE, CK_ROOM_PICTURE},
        {16, CK_ROOM_DATA, CK_ROOM_PICTURE},      /* a still screen has few pictures */
        {500, CK_ROOM_MEASURED, CK_ROOM_PICTURE}, /* and what it said stays true */
        {501, CK_ROOM_DATA, CK_ROOM_DATA},        {502, CK_ROOM_PICTURE, CK_ROOM_PICTURE},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint64_t now = rows[i].now_s * S;
        if (rows[i].pair == CK_ROOM_MEASURED) {
            ck_room_measured(&r, (int64_t)ROOM, now);
        } else {
            ck_room_pair(&r, rows[i].pair, 0, ROOM + (uint64_t)rows[i].pair, now);
        }
        uint64_t room = ROOM;
        CK_CHECK_ROW(i, ck_room_source_of(&r) == rows[i].used);
        CK_CHECK_ROW(i, ck_room_of_pts(&r, 0, &room) == (rows[i].used != CK_ROOM_NONE));
        bool of_source = room == ROOM + (uint64_t)rows[i].used;
        CK_CHECK_ROW(i, of_source || rows[i].used == CK_ROOM_MEASURED);
    }
}

CK_TEST(room, a_clock_that_is_set_is_followed)
{
    ck_room_map r;
    uint64_t room = 0;
    ck_room_map_init(&r);
    ck_room_pair(&r, CK_ROOM_DATA, 0, ROOM, 1);
    ck_room_pair(&r, CK_ROOM_DATA, S, ROOM - 3600 * S, 2); /* an hour back */
    CK_CHECK(ck_room_of_pts(&r, 2 * S, &room));
    CK_CHECK_EQ(room, ROOM - 3600 * S + S);
    CK_CHECK(ck_room_of_pts(&r, 0, &room));
    CK_CHECK_EQ(room, ROOM);
}
