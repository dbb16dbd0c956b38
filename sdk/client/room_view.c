/* A room as it stands: what it is as a whole, its time, its streams, its figures. */
#include "client/room.h"

#include "base/check.h"
#include "base/text.h"
#include "core/room/summary.h"

#include <string.h>

const ck_room *ck_client_room_state(const ck_client_room *room, uint32_t view)
{
    switch (view) {
    case CHALK_VIEW_PRESENTED:
        return ck_replica_presented(room->replica);
    case CHALK_VIEW_HEAD:
        return ck_replica_head(room->replica);
    default:
        return NULL;
    }
}

int ck_client_room_look(chalk_session *s, uint32_t view, ck_client_room **room, const ck_room **out)
{
    if (view != CHALK_VIEW_PRESENTED && view != CHALK_VIEW_HEAD) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, false, room);
    if (status == CHALK_OK) {
        *out = ck_client_room_state(*room, view);
    }
    return status;
}

void ck_client_room_name(const ck_client_room *room, uint64_t id, char out[CK_CLIENT_NAME])
{
    const ck_person *person = ck_room_find(ck_replica_head(room->replica), id);
    (void)ck_text_copy(out, CK_CLIENT_NAME, person != NULL ? person->name : ""); /* it fits */
}

void ck_client_room_author(const ck_client_room *room, const ck_event *event,
                           char out[CK_CLIENT_NAME])
{
    ck_client_room_name(room, event->author, out);
    if (out[0] == '\0' && event->kind == CK_EVENT_CHAT) {
        ck_text t = ck_text_of(out, CK_CLIENT_NAME);
        ck_text_add_n(&t, (const char *)event->data.data, event->data.size);
    }
}

/* --- the room as a whole --------------------------------------------------------------------- */

static uint32_t count_polls(const ck_room *state)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < state->poll_size; i++) {
        count += state->polls[i].id != 0;
    }
    return count;
}

static void fill_state(const ck_room *state, chalk_room_info *info)
{
    info->class_state = state->class_state + CHALK_CLASS_OPEN;
    info->muted = state->muted;
    info->slow_s = state->slow_s;
    info->begun_us = state->begun_us;
    info->people = state->person_count;
    info->hands = state->hand_count;
    info->polls = count_polls(state);
    info->streams = state->stream_count;
    info->messages = state->chat_count;
    info->number = state->number;
    info->crowd = state->crowd;
    (void)ck_text_copy(info->notice, sizeof info->notice, ck_room_notice(state)); /* it fits */
}

/* Rights count at the head in either view. */
static void fill_own(const ck_client_room *room, uint32_t view, chalk_room_info *info)
{
    const ck_room *head = ck_replica_head(room->replica);
    ck_person me;
    info->me = ck_replica_me(room->replica);
    if (!ck_client_room_person(room, view, info->me, &me)) {
        const ck_person *known = ck_room_find(head, info->me);
        me = known != NULL ? *known : (ck_person){0};
    }
    info->role = me.role;
    info->rights = me.id != 0 ? ck_room_rights(head, &me) : 0;
}

int chalk_room_get_info(chalk_session *s, uint32_t view, chalk_room_info *info)
{
    ck_client_room *room;
    const ck_room *state;
    if (info == NULL || !CK_KNOWN_SIZE(info)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_look(s, view, &room, &state);
    if (status != CHALK_OK) {
        return status;
    }
    *info = (chalk_room_info){
        .struct_size = info->struct_size,
        .state = room->now.state,
        .cause = room->now.cause,
        .reason = room->reason,
        .here = ck_replica_here(room->replica),
        .pending = ck_replica_get_stats(room->replica).pending,
        .held = (uint32_t)ck_replica_sent_back(room->replica),
        .followed = room->followed,
        .token_expires_us = ck_replica_expires_us(room->replica),
    };
    fill_state(state, info);
    fill_own(room, view, info);
    ck_client_room_give(s, room, false);
    return CHALK_OK;
}

int chalk_room_time(chalk_session *s, uint64_t at_us, uint64_t *room_us, uint64_t *error_us)
{
    ck_client_room *room;
    if (room_us == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, false, &room);
    if (status < 0) {
        return status;
    }
    uint64_t now_us = ck_clock_us();
    uint64_t room_now_us = ck_replica_room_us(room->replica, now_us);
    status = room_now_us != 0 ? CHALK_OK : CHALK_ERR_AGAIN;
    if (status == CHALK_OK) {
        *room_us = at_us != 0 ? room_now_us + (at_us - now_us) : room_now_us;
    }
    if (status == CHALK_OK && error_us != NULL) {
        *error_us = ck_replica_get_stats(room->replica).clock_error_us;
    }
    ck_client_room_give(s, room, false);
    return status;
}

int chalk_room_get_stream(chalk_session *s, uint32_t view, uint32_t index,
                          chalk_room_stream *stream)
{
    ck_client_room *room;
    const ck_room *state;
    if (stream == NULL || !CK_KNOWN_SIZE(stream)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_look(s, view, &room, &state);
    if (status != CHALK_OK) {
        return status;
    }
    if (index < state->stream_count) {
        const ck_live_stream *live = &state->streams[index];
        *stream = (chalk_room_stream){
            .struct_size = stream->struct_size,
            .media = (uint32_t)live->media,
            .who = live->who,
            .since_us = live->since_us,
        };
        ck_client_room_name(room, live->who, stream->name);
        if (!ck_client_room_stream_url(room, stream->name, live->media, stream->url,
                                       sizeof stream->url)) {
            stream->url[0] = '\0';
        }
    } else {
        status = CHALK_ERR_NOT_FOUND;
    }
    ck_client_room_give(s, room, false);
    return status;
}

/* --- figures --------------------------------------------------------------------------------- */

int chalk_room_get_stats(chalk_session *s, chalk_room_stats *stats)
{
    ck_client_room *room;
    if (stats == NULL || !CK_KNOWN_SIZE(stats)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, false, &room);
    if (status < 0) {
        return status;
    }
    const ck_replica_stats r = ck_replica_get_stats(room->replica);
    *stats = (chalk_room_stats){
        .struct_size = stats->struct_size,
        .reconnects = room->reconnects,
        .pending = r.pending,
        .held = r.held,
        .head = r.head,
        .presented = r.presented,
        .clock_error_us = r.clock_error_us,
        .rtt_us = r.rtt_us,
        .bytes_sent = room->bytes_sent,
        .bytes_received = room->bytes_received,
        .messages_received = room->messages_received,
        .bytes_framing = room->bytes_framing,
        .bytes_ordered = r.ordered_bytes,
        .bytes_crowd = r.crowd_bytes,
        .bytes_presence = r.presence_bytes,
        .bytes_state = r.state_bytes,
        .gaps = r.gaps,
        .mismatches = r.mismatches,
        .snapshots = r.snapshots,
        .intents_resent = r.resent,
        .messages_hidden = r.hidden,
        .events_dropped = r.events_dropped,
    };
    ck_client_room_give(s, room, false);
    return CHALK_OK;
}

int chalk_room_get_lateness(chalk_session *s, uint32_t what, chalk_room_lateness_stats *stats)
{
    ck_client_room *room;
    if (stats == NULL || !CK_KNOWN_SIZE(stats) || what >= CK_REPLICA_KINDS) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, false, &room);
    if (status < 0) {
        return status;
    }
    const ck_lateness l = ck_replica_lateness(room->replica, what);
    *stats = (chalk_room_lateness_stats){
        .struct_size = stats->struct_size,
        .marked = (uint32_t)CK_MIN(l.marked, UINT32_MAX),
        .in_step = l.count,
        .late_us_sum = l.sum_us,
        .late_us_max = l.most_us,
    };
    ck_client_room_give(s, room, false);
    return CHALK_OK;
}

/* --- who sees and hears ---------------------------------------------------------------------- */

_Static_assert(CHALK_ROOM_NAMED_MAX == CK_SUMMARY_NAMED, "a summary names as many as a frame");

/* AGAIN: none has come. */
static int take_summary(chalk_session *s, ck_client_room **room, ck_wire_summary *out)
{
    int status = ck_client_room_take(s, false, room);
    if (status == CHALK_OK && !ck_replica_summary((*room)->replica, out)) {
        ck_client_room_give(s, *room, false);
        status = CHALK_ERR_AGAIN;
    }
    return status;
}

int chalk_room_get_summary(chalk_session *s, chalk_room_summary *summary)
{
    ck_client_room *room;
    ck_wire_summary sum;
    if (summary == NULL || !CK_KNOWN_SIZE(summary)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = take_summary(s, &room, &sum);
    if (status < 0) {
        return status;
    }
    *summary = (chalk_room_summary){
        .struct_size = summary->struct_size,
        .oldest_ms = (uint32_t)CK_MIN(sum.oldest_ms, UINT32_MAX),
        .people = sum.people,
        .reported = sum.reported,
        .page = sum.page,
        .see_page = sum.see_page,
        .hear = sum.hear,
    };
    uint64_t why;
    uint32_t *deaf = &summary->deaf_count, *blind = &summary->blind_count;
    while (*deaf < CHALK_ROOM_NAMED_MAX && ck_summary_next(&sum.deaf, &summary->deaf[*deaf])) {
        summary->deaf_why[*deaf] = ck_summary_next(&sum.deaf_why, &why) ? (uint32_t)why : 0;
        ++*deaf;
    }
    while (*blind < CHALK_ROOM_NAMED_MAX && ck_summary_next(&sum.blind, &summary->blind[*blind])) {
        ++*blind;
    }
    ck_client_room_give(s, room, false);
    return CHALK_OK;
}

int chalk_room_summary_text(chalk_session *s, char *text, size_t size)
{
    ck_client_room *room;
    ck_wire_summary sum;
    if (text == NULL || size == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = take_summary(s, &room, &sum);
    if (status < 0) {
        return status;
    }
    ck_text out = ck_text_of(text, size);
    ck_summary_text(&sum, ck_replica_head(room->replica), &out);
    ck_client_room_give(s, room, false);
    return CHALK_OK;
}
