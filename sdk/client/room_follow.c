/* A room and the playback that it is shown with: where playout is, and what staff are told of it.
 */
#include "client/room.h"

#include "base/check.h"
#include "base/time.h"

#define NEAR_US   40000   /* between two looks while the next event is near */
#define FAR_US    200000  /* while it is far */
#define MOVES_US  10000   /* less may be two clocks read one after the other */
#define STANDS_US 500000  /* playout does not go on */
#define REPORT_US 1000000 /* between two reports while something is followed */
#define IDLE_US   5000000 /* and while nothing is */

static uint64_t sound_of(const ck_client_room *room)
{
    if (room->report.sound != 0) {
        return room->report.sound;
    }
    switch (room->player != NULL ? ck_player_hearing(room->player, ck_clock_us())
                                 : CK_PLAYER_NOT_PLAYING) {
    case CK_PLAYER_HEARD:
        return CHALK_SOUND_HEARD;
    case CK_PLAYER_MUTED:
        return CHALK_SOUND_MUTED;
    case CK_PLAYER_NO_DEVICE:
        return CHALK_SOUND_NO_DEVICE;
    case CK_PLAYER_NOT_PLAYING:
        break;
    }
    return CHALK_SOUND_NOT_PLAYING;
}

static void report(ck_client_room *room, uint64_t playing_us, uint64_t now_us)
{
    if (now_us < room->report_at_us) {
        return;
    }
    const ck_wire_report all = {
        .playing_us = playing_us, .page = room->report.page, .sound = sound_of(room)};
    ck_replica_report(room->replica, &all, now_us);
    room->report_at_us = now_us + (room->player != NULL ? REPORT_US : IDLE_US);
}

void ck_client_room_unfollow(ck_client_room *room, uint64_t now_us)
{
    room->playback = NULL;
    room->rests = false;
    if (room->player != NULL) {
        ck_player_unref(&room->player);
        ck_replica_playing(room->replica, 0, now_us);
        room->report_at_us = 0;
    }
    room->followed = 0;
}

/* Nobody publishes the stream now, and what there was has been played: nothing is shown that could
 * be waited for. One that the network holds up is waited for, as long as the replica does. */
static bool has_stopped(ck_client_room *room, uint64_t playing_us, uint64_t now_us)
{
    int why = atomic_load(&room->playback->lost_why);
    bool stopped =
        why == CHALK_ERR_NO_STREAM || why == CHALK_ERR_PEER_CLOSED || why == CHALK_ERR_END;
    int64_t moved_us = (int64_t)(playing_us - room->playing_us);
    if (moved_us >= MOVES_US || moved_us <= -MOVES_US) {
        room->playing_us = playing_us;
        room->moved_us = now_us;
    }
    room->rests = stopped && (room->rests || now_us - room->moved_us >= STANDS_US);
    return room->rests;
}

static void tell_playing(ck_client_room *room, uint64_t room_us, uint64_t now_us)
{
    if (has_stopped(room, room_us, now_us)) {
        ck_replica_playing(room->replica, 0, now_us);
    } else if (room_us != 0) {
        ck_replica_playing(room->replica, room_us, now_us);
    }
}

void ck_client_room_playing(ck_client_room *room, uint64_t now_us)
{
    uint64_t room_us = 0; /* not known */
    if (room->player != NULL && ck_player_is_over(room->player)) {
        ck_client_room_unfollow(room, now_us);
    }
    if (room->player != NULL) {
        (void)ck_player_room_time(room->player, now_us, &room_us);
        tell_playing(room, room_us, now_us);
    }
    report(room, room->rests ? 0 : room_us, now_us);
}

/* Playout may slow down, speed up or jump, so it is looked at again well before what waits is due:
 * a quarter faster is 10 ms in the time between two looks. */
uint64_t ck_client_room_playing_at(ck_client_room *room, uint64_t now_us)
{
    if (room->player == NULL || ck_replica_get_stats(room->replica).held == 0) {
        return room->report_at_us;
    }
    bool near = ck_replica_next_deadline(room->replica) <= now_us + FAR_US;
    return CK_MIN(room->report_at_us, now_us + (near ? NEAR_US : FAR_US));
}

int chalk_room_follow(chalk_session *s, chalk_playback_id playback)
{
    ck_client_room *room;
    int status = ck_client_room_take(s, true, &room);
    if (status < 0) {
        return status;
    }
    ck_client_playback **place = ck_find_playback(s, playback);
    bool found = place != NULL && !atomic_load(&(*place)->closed);
    if (!room->presents) {
        status = CHALK_ERR_BAD_STATE;
    } else if (playback != 0 && !found) {
        status = CHALK_ERR_NOT_FOUND;
    } else if (found && (*place)->player == NULL) {
        status = CHALK_ERR_UNSUPPORTED;
    } else if (playback != room->followed) {
        ck_client_room_unfollow(room, ck_clock_us());
        room->followed = playback;
        room->player = found ? (*place)->player : NULL;
        room->playback = found ? *place : NULL;
        room->report_at_us = 0;
        if (found) {
            ck_player_ref(room->player);
        }
    }
    ck_client_room_give(s, room, true);
    return status;
}

int chalk_room_report(chalk_session *s, uint64_t page, uint32_t sound)
{
    if (sound > CHALK_SOUND_NOT_PLAYING) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_room *room;
    int status = ck_client_room_take(s, true, &room);
    if (status < 0) {
        return status;
    }
    room->report.page = page;
    room->report.sound = sound;
    room->report_at_us = 0;
    ck_client_room_give(s, room, true);
    return CHALK_OK;
}
