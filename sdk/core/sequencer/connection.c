/* Who is connected, and how they come in. */
#include "core/sequencer/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/room/rules.h"

#include <string.h>

uint64_t ck_seq_id_of(const ck_sequencer *s, const connection *c)
{
    return (uint64_t)c->generation << 32 | (uint64_t)(c - s->connections + 1);
}

connection *ck_seq_find(ck_sequencer *s, uint64_t id)
{
    uint32_t slot = (uint32_t)(id & UINT32_MAX);
    if (slot == 0 || slot > s->connection_count) {
        return NULL;
    }
    connection *c = &s->connections[slot - 1];
    bool open = c->state != FREE && c->state != CLOSED;
    return open && c->generation == id >> 32 ? c : NULL;
}

/* A participant's seat is the connection that joined last; it may have gone, or be somebody else's
 * by now. */
connection *ck_seq_connection_of(const ck_sequencer *s, uint64_t id)
{
    const ck_person *person = ck_room_find(&s->room, id);
    uint32_t seat = person != NULL ? ck_room_account(&s->room, person)->seat : 0;
    if (seat == 0 || seat > s->connection_count) {
        return NULL;
    }
    connection *c = &s->connections[seat - 1];
    return c->person == id && (c->state == LIVE || c->state == JOINING) ? c : NULL;
}

static void sit_down(const ck_sequencer *s, const connection *c, const ck_person *person)
{
    ck_room_account(&s->room, person)->seat = (uint32_t)(c - s->connections + 1);
}

/* What of a login was settled without being stored is known to its connection alone. */
void ck_seq_reseat(ck_sequencer *s)
{
    for (uint32_t i = 0; i < s->connection_count; i++) {
        connection *c = &s->connections[i];
        ck_person *person = c->state == LIVE ? ck_room_find(&s->room, c->person) : NULL;
        if (person != NULL) {
            ck_account *account = ck_room_account(&s->room, person);
            sit_down(s, c, person);
            account->epoch = c->epoch;
            account->done = c->done;
            c->role = person->role;
        }
    }
}

static connection *free_slot(ck_sequencer *s)
{
    if (s->first_free != 0) {
        connection *c = &s->connections[s->first_free - 1];
        s->first_free = c->next_free;
        return c;
    }
    if (s->connection_count == s->connection_size) {
        uint32_t size = s->connection_size == 0 ? 4 : 2 * s->connection_size;
        connection *grown = ck_resize_array(s->alloc, s->connections, size, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        s->connections = grown;
        s->connection_size = size;
    }
    connection *c = &s->connections[s->connection_count++];
    *c = (connection){0};
    return c;
}

static bool are_claims(const ck_claims *claims)
{
    return claims->name.size > 0 && claims->name.size <= CK_NAME_BYTES &&
           memchr(claims->name.data, '\0', claims->name.size) == NULL &&
           claims->role >= CK_ROLE_OWNER && claims->role <= CK_ROLE_OBSERVER;
}

int ck_sequencer_connect(ck_sequencer *s, const ck_claims *claims, uint64_t now_us, uint64_t *id)
{
    if (!are_claims(claims)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (s->open_count >= s->config.connections_max || s->state == CK_SEQUENCER_LOST) {
        return CHALK_ERR_LIMIT;
    }
    connection *c = free_slot(s);
    if (c == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    const ck_role_limits *most = ck_rules_limits(claims->role);
    *c = (connection){
        .generation = c->generation + 1,
        .state = GREETING,
        .token_role = (uint8_t)claims->role,
        .expires_us = claims->expires_us != 0 ? claims->expires_us : CK_NEVER,
        .heard_us = now_us,
        .intents = {(uint64_t)most->burst * CK_TOKEN, now_us},
        .frames = {(uint64_t)most->frames_burst * CK_TOKEN, now_us},
    };
    memcpy(c->name, claims->name.data, claims->name.size);
    s->open_count++;
    s->stats.connections = s->open_count;
    *id = ck_seq_id_of(s, c);
    return CHALK_OK;
}

void ck_seq_leave(ck_sequencer *s, connection *c)
{
    if (c->state == LIVE) {
        s->presence_changed = true;
        s->summary_changed = true;
        s->stats.present--;
        ck_seq_unpacks_no_more(s, c);
        ck_slice_unref(&c->status);
    }
    s->joining_count -= c->state == JOINING;
}

static void close_with(ck_sequencer *s, connection *c, const ck_wire_bye *bye)
{
    if (c->state == CLOSED || c->state == FREE) {
        return;
    }
    ck_seq_send_frame(s, c, CK_FRAME_BYE, &ck_type_bye, bye);
    if (c->state == CLOSED) {
        return; /* the host is too slow even for that */
    }
    ck_seq_output(
        s, (ck_sequencer_output){.action = CK_SEQUENCER_CLOSE, .connection = ck_seq_id_of(s, c)});
    ck_seq_leave(s, c);
    c->state = CLOSED;
}

void ck_seq_close(ck_sequencer *s, connection *c, enum ck_reason reason)
{
    const ck_wire_bye bye = {.reason = reason};
    close_with(s, c, &bye);
}

void ck_sequencer_move(ck_sequencer *s, ck_bytes url)
{
    const ck_wire_bye bye = {.reason = CK_REASON_MOVED,
                             .url = url.size <= CK_MOVED_URL_MAX ? url : (ck_bytes){0}};
    for (uint32_t i = 0; i < s->connection_count; i++) {
        close_with(s, &s->connections[i], &bye);
    }
    ck_seq_lose(s);
}

void ck_sequencer_gone(ck_sequencer *s, uint64_t id, uint64_t now_us)
{
    (void)now_us;
    uint32_t slot = (uint32_t)(id & UINT32_MAX);
    if (slot == 0 || slot > s->connection_count) {
        return;
    }
    connection *c = &s->connections[slot - 1];
    if (c->generation != id >> 32 || c->state == FREE) {
        return;
    }
    ck_seq_leave(s, c);
    c->state = FREE;
    c->next_free = s->first_free;
    s->first_free = slot;
    s->open_count--;
    s->stats.connections = s->open_count;
}

void ck_sequencer_unsent(ck_sequencer *s, uint64_t id, size_t bytes)
{
    connection *c = ck_seq_find(s, id);
    if (c == NULL) {
        return;
    }
    c->unsent = bytes;
    if (bytes > CK_UNSENT_MAX) {
        s->stats.slow_closed++;
        ck_seq_close(s, c, CK_REASON_SLOW);
    }
}

/* --- joining ------------------------------------------------------------------------------- */

/* Later than all that are known, and of this lease alone: an edge that died may have given one that
 * was never stored, and clocks of edges differ. */
static uint64_t new_epoch(const ck_sequencer *s, const ck_account *account, uint64_t now_us)
{
    uint64_t least = CK_MAX(ck_sequencer_room_us(s, now_us), account->epoch + 1);
    return least + (s->config.epoch - least) % CK_EPOCH_LEASES;
}

/* Which of two logins of one participant stays. False: this one is refused. */
static bool settle_login(ck_sequencer *s, connection *c, const ck_person *person, uint64_t asked,
                         uint64_t now_us)
{
    connection *other = ck_seq_connection_of(s, person->id);
    ck_account *account = ck_room_account(&s->room, person);
    if (asked == 0) {
        if (other != NULL && s->config.keep_first_login) {
            ck_seq_close(s, c, CK_REASON_TAKEN);
            return false;
        }
        c->epoch = new_epoch(s, account, now_us);
        account->epoch = c->epoch;
        account->done = 0;
    } else if (asked < account->epoch) {
        ck_seq_close(s, c, CK_REASON_SUPERSEDED);
        return false;
    } else if (asked > ck_sequencer_room_us(s, now_us) + CK_EPOCH_AHEAD_US) {
        ck_seq_close(s, c, CK_REASON_PROTOCOL);
        return false;
    } else {
        c->epoch = asked;
        account->done = asked > account->epoch ? 0 : account->done;
        account->epoch = asked;
    }
    if (other != NULL) {
        enum ck_reason reason =
            asked != 0 && other->epoch == asked ? CK_REASON_RESUMED : CK_REASON_SUPERSEDED;
        ck_seq_close(s, other, reason);
    }
    return true;
}

/* Who comes at the same time counts as well: of a class that comes at once, all but the first would
 * otherwise be told to everybody. */
static bool comes_to_many(const ck_sequencer *s)
{
    return s->stats.present + s->joining_count > s->config.crowd_from;
}

/* The participant of this name, entered now where it is new. */
static ck_person *enter(ck_sequencer *s, connection *c, uint64_t now_us)
{
    const ck_bytes name = ck_bytes_of(c->name, strlen(c->name));
    ck_person *person = ck_room_find_name(&s->room, name);
    if (person == NULL) {
        ck_event event = {
            .kind = CK_EVENT_ENROLL,
            .target = s->room.next_id,
            .text = name,
            .value = c->token_role,
            .audience =
                comes_to_many(s) && !ck_role_is_staff(c->token_role) ? CK_TO_STAFF : CK_TO_ALL,
        };
        if (s->room.person_count >= CK_ROOM_PEOPLE_MAX || !ck_seq_put(s, &event, now_us)) {
            return NULL;
        }
    } else if (c->token_role < ck_room_account(&s->room, person)->token_role &&
               c->token_role < person->role) {
        /* A better token raises; what the room took away, only the room gives back. */
        ck_event event = {.kind = CK_EVENT_ROLE, .target = person->id, .value = c->token_role};
        (void)(ck_seq_enroll(s, person, now_us) && ck_seq_put(s, &event, now_us));
    }
    return ck_room_find_name(&s->room, name);
}

/* Judged in turn with the intents, when no record is being written. */
static void join(ck_sequencer *s, connection *c, const ck_wire_hello *hello, uint64_t now_us)
{
    if (hello->version != CK_ROOM_VERSION) {
        ck_seq_close(s, c, CK_REASON_VERSION);
        return;
    }
    const bool known = ck_room_find_name(&s->room, ck_bytes_of(c->name, strlen(c->name))) != NULL;
    ck_person *person = enter(s, c, now_us);
    if (person == NULL) {
        ck_seq_close(s, c, CK_REASON_FULL);
        return;
    }
    if (person->flags & CK_PERSON_BANNED) {
        ck_seq_close(s, c, CK_REASON_BANNED);
        return;
    }
    if (!settle_login(s, c, person, hello->epoch, now_us)) {
        return;
    }
    c->person = person->id;
    sit_down(s, c, person);
    c->role = person->role;
    c->done = ck_room_account(&s->room, person)->done;
    /* Who has been here is known here. The head of somebody else counts the events of another room,
     * such as that of an edge that has forgotten it. */
    c->hello_head = known ? hello->head : 0;
    c->hello_crowd = known ? hello->crowd : 0;
    c->unpacks = hello->packs != 0;
    c->state = JOINING;
    s->joining_count++;
}

void ck_seq_hello(ck_sequencer *s, connection *c, ck_bytes body, uint64_t now_us)
{
    ck_wire_hello hello;
    if (c->state != GREETING || ck_wire_decode(&ck_type_hello, body, &hello) < 0) {
        ck_seq_close(s, c, CK_REASON_PROTOCOL);
        return;
    }
    join(s, c, &hello, now_us);
}

static void welcome(ck_sequencer *s, connection *c, uint64_t now_us)
{
    const ck_person *person = ck_room_find(&s->room, c->person);
    if (person == NULL) {
        ck_seq_close(s, c, CK_REASON_BUSY);
        return;
    }
    c->role = person->role;
    const ck_wire_welcome wire = {
        .version = CK_ROOM_VERSION,
        .me = c->person,
        .epoch = c->epoch,
        .head = s->committed,
        .crowd = s->committed_crowd,
        .done = c->done,
        .room_us = ck_sequencer_room_us(s, now_us),
        .role = person->role,
        .report_ms = ck_seq_shall_report(s, c) ? CK_REPORT_MS : 0,
        .expires_us = c->expires_us != CK_NEVER ? ck_sequencer_room_us(s, c->expires_us) : 0,
    };
    ck_seq_send_frame(s, c, CK_FRAME_WELCOME, &ck_type_welcome, &wire);
    ck_seq_catch_up(s, c);
    if (c->state != JOINING) {
        return;
    }
    c->state = LIVE;
    s->joining_count--;
    s->stats.present++;
    s->presence_changed = true;
    s->summary_changed = true;
    ck_seq_may_unpack(s, c);
}

/* Everything the room knows is committed now: who has waited for that is let in. */
void ck_seq_welcome_all(ck_sequencer *s, uint64_t now_us)
{
    for (uint32_t i = 0; i < s->connection_count; i++) {
        if (s->connections[i].state == JOINING) {
            welcome(s, &s->connections[i], now_us);
        }
    }
}

void ck_sequencer_waits(ck_sequencer *s, uint64_t id, uint64_t now_us)
{
    connection *c = ck_seq_find(s, id);
    if (c != NULL && c->state == GREETING) {
        c->heard_us = now_us;
    }
}

void ck_seq_drop_silent(ck_sequencer *s, uint64_t now_us)
{
    uint64_t most = (uint64_t)s->config.silent_s * CK_US_PER_S;
    for (uint32_t i = 0; i < s->connection_count; i++) {
        connection *c = &s->connections[i];
        uint64_t allowed = c->state == GREETING ? CK_MIN(CK_HELLO_US, most) : most;
        bool open = c->state != FREE && c->state != CLOSED;
        if (open && now_us - c->heard_us > allowed) {
            /* Who is joining has said what there is to say, and it is the store that is silent. */
            ck_seq_close(s, c, c->state == JOINING ? CK_REASON_STORE : CK_REASON_SILENT);
        } else if (open && now_us >= c->expires_us) {
            ck_seq_close(s, c, CK_REASON_EXPIRED);
        }
    }
}

/* --- new tokens ---------------------------------------------------------------------------- */

void ck_sequencer_renew(ck_sequencer *s, uint64_t id, const ck_claims *claims, uint64_t now_us)
{
    connection *c = ck_seq_find(s, id);
    if (c == NULL || c->state == GREETING) {
        return;
    }
    bool same = claims != NULL && are_claims(claims) && claims->name.size == strlen(c->name) &&
                memcmp(claims->name.data, c->name, claims->name.size) == 0;
    if (!same || (claims->expires_us != 0 && claims->expires_us <= now_us)) {
        ck_seq_close(s, c, CK_REASON_EXPIRED);
        return;
    }
    c->token_role = (uint8_t)claims->role;
    c->expires_us = claims->expires_us != 0 ? claims->expires_us : CK_NEVER;
    const ck_wire_renewed renewed = {
        .expires_us = claims->expires_us != 0 ? ck_sequencer_room_us(s, c->expires_us) : 0};
    ck_seq_send_frame(s, c, CK_FRAME_RENEWED, &ck_type_renewed, &renewed);
    const ck_wire_event raise = {.kind = CK_EVENT_ROLE, .target = c->person, .value = claims->role};
    ck_seq_queue_own(s, &raise);
}
