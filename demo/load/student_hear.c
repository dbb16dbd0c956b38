/* One participant: what it is told, and what is wrong with that. */
#include "load/student.h"

#include "cli/clock.h"
#include "load/media.h"

#include <string.h>

/* --- listening ------------------------------------------------------------------------------- */

static void count_own(load_student *s)
{
    load_figures *f = s->hall->figures;
    f->own_lost += s->done > s->own ? s->done - s->own : 0;
    f->own_doubled += s->own > s->done ? s->own - s->done : 0;
    s->done = s->own = 0;
}

static uint64_t since(uint64_t room_us, uint64_t then_us)
{
    return room_us > then_us ? room_us - then_us : 0;
}

/* What all are told of, however large the room is. */
static bool is_for_all(const chalk_room_event *e)
{
    bool told = e->what == CHALK_WHAT_CHAT || e->what == CHALK_WHAT_POLL ||
                e->what == CHALK_WHAT_CLASS || e->what == CHALK_WHAT_APP;
    return told && e->audience == CHALK_TO_ALL;
}

static void check_order(load_figures *f, enum load_order order)
{
    f->doubled += order == LOAD_DOUBLED;
    f->backward += order == LOAD_BACKWARD;
}

/* Nobody does the same at the very same time twice: then one intent became two events. */
static bool is_doubled(load_student *s, const chalk_room_event *e)
{
    uint64_t intent = load_print(e->origin_us, e->author, e->text, e->text_size);
    for (uint32_t i = 0; i < LOAD_RECENT; i++) {
        if (s->recent[i] == intent) {
            return e->author != 0;
        }
    }
    s->recent[s->recent_next++ % LOAD_RECENT] = intent;
    return false;
}

static void hear_ordered(load_student *s, const chalk_room_event *e, uint64_t room_us)
{
    load_figures *f = s->hall->figures;
    f->told_ordered++;
    load_histogram_add(&f->ordered_us, since(room_us, e->origin_us));
    if (is_for_all(e)) {
        uint64_t content = load_print(0, e->author, e->text, e->text_size);
        check_order(f, load_tally_add(&s->ordered, e->number, content));
        load_ledger_add(&s->hall->ledgers[s->room], e->number, content);
        f->doubled += is_doubled(s, e);
    }
}

static void hear_crowd(load_student *s, const chalk_room_event *e, uint64_t room_us)
{
    load_figures *f = s->hall->figures;
    f->told_crowd++;
    f->doubled += e->number == s->crowd_last;
    s->crowd_last = e->number > s->crowd_last ? e->number : s->crowd_last;
    load_histogram_add(&f->crowd_us, since(room_us, e->origin_us));
}

static void hear(load_student *s, const chalk_room_event *e, uint64_t room_us)
{
    load_figures *f = s->hall->figures;
    bool mine = e->author == s->me;
    bool about_me = mine || e->target == s->me;
    bool secret = e->audience != CHALK_TO_ALL && e->audience != 0;
    bool allowed = about_me || (s->staff && e->audience == CHALK_TO_STAFF);
    f->leaked += secret && !allowed;
    if (e->what == CHALK_WHAT_REPEAT) {
        f->told_again++;
        f->repeated += e->times;
    } else if (e->lane == CHALK_LANE_CROWD) {
        hear_crowd(s, e, room_us);
    } else {
        hear_ordered(s, e, room_us);
    }
    s->own += mine && e->what != CHALK_WHAT_REPEAT;
    s->poll = e->what == CHALK_WHAT_POLL                              ? e->number
              : e->what == CHALK_WHAT_POLL_END && e->about == s->poll ? 0
                                                                      : s->poll;
}

/* What was told up to a reset is compared on its own. */
static void keep_tally(load_student *s)
{
    load_hall *hall = s->hall;
    if (s->ordered.count == 0 || hall->kept_count == LOAD_KEPT_MAX) {
        return; /* beyond, mismatches are told all the same */
    }
    s->ordered.to = s->ordered.last;
    hall->kept[hall->kept_count++] = (load_kept){s->room, s->ordered};
}

static void take_room_event(load_student *s, const chalk_room_event *e, uint64_t room_us)
{
    load_figures *f = s->hall->figures;
    switch (e->kind) {
    case CHALK_ROOM_EVENT_HAPPENED:
        hear(s, e, room_us);
        break;
    case CHALK_ROOM_EVENT_SETTLED:
        f->done += e->reason == CHALK_REASON_NONE;
        s->done += e->reason == CHALK_REASON_NONE;
        s->unanswered -= s->unanswered > 0;
        f->refused += e->reason != CHALK_REASON_NONE;
        break;
    case CHALK_ROOM_EVENT_SHOWN:
        f->told_latest++;
        load_histogram_add(&f->latest_us, since(room_us, e->origin_us));
        break;
    case CHALK_ROOM_EVENT_HIDDEN:
        f->hidden += e->times;
        break;
    case CHALK_ROOM_EVENT_RESET:
        f->resets++;
        keep_tally(s);
        s->ordered = (load_tally){0}; /* what came whole was not told one by one */
        s->done = s->own = 0;
        break;
    default:
        break;
    }
}

static void on_live(load_student *s)
{
    load_figures *f = s->hall->figures;
    chalk_room_info info = {.struct_size = sizeof info};
    if (!s->joined) {
        s->joined = true;
        f->joined++;
        load_histogram_add(&f->join_us, cli_now_us() - s->asked_us);
    }
    f->live += !s->live;
    s->live = true;
    if (chalk_room_get_info(s->session, CHALK_VIEW_HEAD, &info) == CHALK_OK) {
        s->me = info.me;
    }
    load_media_begin(s);
}

static void on_closed(load_student *s)
{
    load_figures *f = s->hall->figures;
    s->hall->over += !s->over;
    s->over = true;
    f->ended += s->joined;
}

static void take_state(load_student *s, const chalk_event *e)
{
    if (e->kind != CHALK_EVENT_ROOM) {
        return;
    }
    if (e->state == CHALK_LINK_LIVE) {
        on_live(s);
        return;
    }
    if (!s->joined && e->cause < 0 && s->hall->figures->trouble == 0) {
        s->hall->figures->trouble = e->cause;
    }
    s->hall->figures->live -= s->live;
    s->live = false;
    if (e->state == CHALK_LINK_CLOSED) {
        on_closed(s);
    }
}

void load_student_listen(load_student *s)
{
    chalk_event state;
    chalk_room_event event;
    uint64_t room_us = 0;
    while (chalk_session_next_event(s->session, &state) == CHALK_OK) {
        take_state(s, &state);
    }
    while (chalk_room_next_event(s->session, &event) == CHALK_OK) {
        if (room_us == 0) {
            (void)chalk_room_time(s->session, 0, &room_us, NULL); /* without: no delay is known */
        }
        take_room_event(s, &event, room_us);
    }
}

/* --- the end --------------------------------------------------------------------------------- */

void load_student_count(load_student *s)
{
    load_figures *f = s->hall->figures;
    chalk_room_stats stats = {.struct_size = sizeof stats};
    chalk_room_info info = {.struct_size = sizeof info};
    if (s->session != NULL) {
        load_media_count(s);
    }
    if (s->session == NULL || chalk_room_get_stats(s->session, &stats) < 0 ||
        chalk_room_get_info(s->session, CHALK_VIEW_HEAD, &info) < 0) {
        return;
    }
    if (!s->joined) {
        f->failed[info.reason < LOAD_REASONS ? info.reason : LOAD_REASONS - 1]++;
    }
    f->bytes_sent += stats.bytes_sent;
    f->bytes_received += stats.bytes_received;
    f->messages += stats.messages_received;
    f->bytes_framing += stats.bytes_framing;
    f->bytes_ordered += stats.bytes_ordered;
    f->bytes_crowd += stats.bytes_crowd;
    f->bytes_presence += stats.bytes_presence;
    f->bytes_state += stats.bytes_state;
    f->reconnects += stats.reconnects;
    f->gaps += stats.gaps;
    f->mismatches += stats.mismatches;
    f->dropped += stats.events_dropped;
    count_own(s);
    f->own_lost += s->live ? s->unanswered : 0; /* who is away may yet be answered */
}

static uint64_t print_text(uint64_t sum, uint64_t a, uint64_t b, const char *text)
{
    return load_print(sum ^ a, b, text, strlen(text));
}

uint64_t load_student_head(load_student *s)
{
    chalk_room_info info = {.struct_size = sizeof info};
    return chalk_room_get_info(s->session, CHALK_VIEW_HEAD, &info) == CHALK_OK ? info.number : 0;
}

load_state load_student_state(load_student *s)
{
    chalk_room_info info = {.struct_size = sizeof info};
    chalk_room_message message = {.struct_size = sizeof message};
    load_state state = {0};
    if (chalk_room_get_info(s->session, CHALK_VIEW_HEAD, &info) < 0) {
        return state;
    }
    state.number = info.number;
    state.print = print_text(0, info.class_state, info.begun_us, info.notice);
    state.print = print_text(state.print, info.slow_s, info.muted * 2 + info.hands, "");
    for (uint32_t i = info.messages; i > 0 && state.line_count < LOAD_STATE_LINES; i--) {
        if (chalk_chat_get(s->session, CHALK_VIEW_HEAD, i - 1, &message) == CHALK_OK &&
            message.audience == CHALK_TO_ALL && message.lane == CHALK_LANE_ORDERED) {
            state.lines[state.line_count++] =
                print_text(0, message.number, message.author, message.text);
        }
    }
    return state;
}
