/*
 * Who may enter a room, and how often: what is decided before a request for a WebSocket is
 * accepted. Pure; one thread at a time.
 *
 *     status = ck_room_guest_of(&access, path, query, token, now_s, &guest, &why);
 *     if (status == 0) status = ck_room_gate_pass(&gate, &guest, now_us, &why);
 *
 * Both give 0 or the HTTP status that refuses, with a static text that says why.
 */
#ifndef CK_EDGE_ROOM_GATE_H
#define CK_EDGE_ROOM_GATE_H

#include "base/time.h"
#include "edge/access.h"

#define CK_GATE_SLOTS     1024u
#define CK_GATE_PER_S     1000u /* joins of everybody */
#define CK_GATE_BURST     4000u /* a school that comes back after an outage */
#define CK_GATE_OWN_PER_S 2u    /* joins of one participant */
#define CK_GATE_OWN_BURST 10u

typedef struct ck_room_guest {
    char room[CHALK_NAME_MAX + 1];
    char name[CHALK_NAME_MAX + 1];
    enum chalk_role role;
    uint64_t expires_s; /* seconds since the Unix epoch; UINT64_MAX: never */
} ck_room_guest;

/* Reads "/rooms/ROOM" (decoded), and the token or, on an open edge, "name=N&role=R" of the query.
 * 401: no token, or an expired one; 403: one that is wrong or for another room; 404: the path names
 * no room; 400: on an open edge the name or role is none. */
int ck_room_guest_of(const ck_access *access, const char *path, const char *query,
                     const char *token, uint64_t now_s, ck_room_guest *out, const char **why);

/* Of room and name. */
uint64_t ck_room_guest_hash(const ck_room_guest *guest);

/* A new token for somebody who is in the room: replaces name, role and expiry of *guest. True when
 * it is good; on an open edge any is, and changes nothing. */
bool ck_room_guest_renew(const ck_access *access, const char *token, uint64_t now_s,
                         ck_room_guest *guest);

typedef struct ck_gate_bucket {
    uint64_t owner; /* hash of room and name */
    uint64_t tokens;
    uint64_t at_us;
} ck_gate_bucket;

/* Two token buckets: one of all, and one of each participant, so that nobody can use up what is
 * everybody's. Participants whose hashes share a slot take it from each other: then it is full. */
typedef struct ck_room_gate {
    ck_gate_bucket all;
    ck_gate_bucket own[CK_GATE_SLOTS];
} ck_room_gate;

void ck_room_gate_init(ck_room_gate *gate, uint64_t now_us);
/* 429: this participant joins too often; 503: too many join at once. */
int ck_room_gate_pass(ck_room_gate *gate, const ck_room_guest *guest, uint64_t now_us,
                      const char **why);

#endif
