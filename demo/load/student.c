/* One participant: how it gets in, and what it does. */
#include "load/student.h"

#include "cli/clock.h"
#include "load/media.h"

#include "chalkrail/fault.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define EVENTS_MAX 16 /* the least; a crowd's people hear of few things but the room's */
#define TOKEN_S    86400
#define POINTER    1 /* key of what is drawn */

/* --- getting in ------------------------------------------------------------------------------ */

static void on_wakeup(void *user)
{
    load_student *s = user;
    if (!s->is_ready) {
        s->is_ready = true;
        s->next_ready = s->hall->ready;
        s->hall->ready = s;
    }
}

void load_student_init(load_student *s, load_hall *hall, uint32_t room, uint32_t number)
{
    const load_options *o = hall->options;
    *s = (load_student){
        .hall = hall,
        .room = room,
        .number = number,
        .staff = number < o->teachers,
        .full = number % o->replicas == 0,
    };
}

void load_student_name(bool staff, uint32_t number, char out[LOAD_NAME_SIZE])
{
    (void)snprintf(out, LOAD_NAME_SIZE, "%s%u", staff ? "teacher" : "student", number);
}

static uint32_t role_of(const load_student *s)
{
    return s->staff ? CHALK_ROLE_TEACHER : CHALK_ROLE_STUDENT;
}

static bool room_of(const load_student *s, char out[CHALK_NAME_MAX + 1])
{
    int size = snprintf(out, CHALK_NAME_MAX + 1, "%s%u", s->hall->options->room, s->room);
    return size > 0 && size <= CHALK_NAME_MAX;
}

int load_student_token(const load_student *s, char out[CHALK_TOKEN_MAX])
{
    char room[CHALK_NAME_MAX + 1], name[LOAD_NAME_SIZE];
    const cli_secret *secret = s->hall->secret;
    out[0] = '\0';
    if (s->token != NULL) {
        (void)snprintf(out, CHALK_TOKEN_MAX, "%s", s->token);
        return CHALK_OK;
    }
    if (secret == NULL) {
        return CHALK_OK;
    }
    load_student_name(s->staff, s->number, name);
    uint64_t expires_s = (uint64_t)time(NULL) + TOKEN_S;
    return room_of(s, room) ? chalk_token_create(secret->bytes, secret->size, room, name,
                                                 role_of(s), expires_s, out, CHALK_TOKEN_MAX)
                            : CHALK_ERR_INVALID_ARGUMENT;
}

static int join_room(load_student *s)
{
    const load_options *o = s->hall->options;
    char room[CHALK_NAME_MAX + 1], name[LOAD_NAME_SIZE], token[CHALK_TOKEN_MAX];
    load_student_name(s->staff, s->number, name);
    if (!room_of(s, room)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = load_student_token(s, token);
    if (status < 0) {
        return status;
    }
    chalk_room_options options;
    chalk_room_options_init(&options);
    options.url = o->edge;
    options.room = room;
    options.name = name;
    options.role = role_of(s);
    options.keep = s->full ? CHALK_KEEP_FULL : CHALK_KEEP_CHECKSUM;
    options.present = CHALK_PRESENT_LIVE;
    options.token = token[0] != '\0' ? token : NULL;
    return chalk_room_join(s->session, &options);
}

static int make_network(load_student *s)
{
    const load_options *o = s->hall->options;
    chalk_faults faults;
    chalk_faults_init(&faults);
    faults.delay_ms = (uint32_t)o->delay_ms;
    faults.jitter_ms = (uint32_t)o->jitter_ms;
    faults.loss_ppm = o->loss_ppm;
    faults.seed = o->seed + UINT64_C(0x9e3779b9) * s->number + UINT64_C(0x10001) * s->room;
    return chalk_session_set_faults(s->session, &faults);
}

int load_student_join(load_student *s)
{
    chalk_session_options options;
    chalk_session_options_init(&options);
    options.events_max = EVENTS_MAX;
    options.wakeup = on_wakeup;
    options.wakeup_user = s;
    s->asked_us = cli_now_us();
    int status = CHALK_OK;
    if (s->session == NULL) {
        status = chalk_session_create(s->hall->runtime, &options, &s->session);
        status = status == CHALK_OK ? make_network(s) : status;
    }
    return status == CHALK_OK ? join_room(s) : status;
}

void load_student_cut(load_student *s)
{
    if (s->live && chalk_session_cut(s->session) == CHALK_OK) {
        s->hall->figures->cut++;
    }
}

void load_student_stall(load_student *s, uint32_t for_ms)
{
    if (s->live && chalk_session_stall(s->session, for_ms) == CHALK_OK) {
        s->hall->figures->stalled += !s->stalled;
        s->stalled = true;
    }
}

/* --- doing ----------------------------------------------------------------------------------- */

static int point(load_student *s, const load_action *a)
{
    char data[64];
    int size = snprintf(data, sizeof data, "%u %.2f %.2f 0.5", a->number, a->x, a->y);
    return chalk_room_show(s->session, POINTER, data, (size_t)size);
}

/* One question at a time. */
static int ask(load_student *s, const load_action *a)
{
    static const char *const options[LOAD_OPTIONS] = {"A", "B", "C", "D"};
    if (s->poll != 0) {
        int status = chalk_class_end_poll(s->session, s->poll, NULL);
        s->hall->figures->said += status == CHALK_OK;
        s->unanswered += status == CHALK_OK;
    }
    return chalk_class_open_poll(s->session, a->text, options, LOAD_OPTIONS, 0, NULL);
}

/* Whoever is not there now does nothing: it is not told that it should have. */
void load_student_do(load_student *s, const load_action *a)
{
    int status = CHALK_ERR_AGAIN;
    if (!s->live || (a->verb == LOAD_VOTE && s->poll == 0)) {
        return;
    }
    switch (a->verb) {
    case LOAD_SAY:
        status = chalk_chat_send(s->session, CHALK_TO_ALL, 0, a->text, NULL);
        break;
    case LOAD_WHISPER:
        status = chalk_chat_send(s->session, CHALK_TO_STAFF, 0, a->text, NULL);
        break;
    case LOAD_POLL:
        status = ask(s, a);
        break;
    case LOAD_VOTE:
        status = chalk_class_vote(s->session, s->poll, 1u << a->number, NULL);
        break;
    case LOAD_HAND:
        status = chalk_class_hand(s->session, (int)a->number, NULL);
        break;
    case LOAD_REACT:
        status = chalk_room_react(s->session, a->text);
        break;
    case LOAD_POINT:
        status = point(s, a);
        break;
    }
    bool intent = a->verb != LOAD_REACT && a->verb != LOAD_POINT;
    s->unanswered += intent && status == CHALK_OK;
    s->hall->figures->said += status == CHALK_OK;
    s->hall->figures->refused += status < 0;
}
