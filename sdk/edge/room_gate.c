#include "edge/room_gate.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/url/url.h"

#include <string.h>

#define ONE_JOIN CK_US_PER_S /* in a bucket: a join a second is filled up by the microsecond */

/* ---- who ---- */

static bool read_room(const char *path, char room[CHALK_NAME_MAX + 1])
{
    static const char prefix[] = "/rooms/";
    return ck_text_starts(path, prefix) &&
           ck_text_copy(room, CHALK_NAME_MAX + 1, path + sizeof prefix - 1) &&
           ck_name_is_valid(room);
}

/* An open edge believes what it is told. */
static int read_claims(const char *query, ck_room_guest *out, const char **why)
{
    char role[16];
    int status = ck_url_query(query, "name", out->name, sizeof out->name);
    if (status != CHALK_OK || !ck_name_is_valid(out->name)) {
        *why = "an open edge wants ?name=NAME, with a name of 1 to 64 bytes without spaces";
        return 400;
    }
    status = ck_url_query(query, "role", role, sizeof role);
    out->role = CHALK_ROLE_STUDENT;
    if (status != CHALK_ERR_NOT_FOUND) { /* where it failed, nothing usable is in `role` */
        out->role = status == CHALK_OK ? (enum chalk_role)ck_role_of_name(role) : 0;
    }
    if (out->role == 0) {
        *why = "the role is not owner, teacher, assistant, student or observer";
        return 400;
    }
    out->expires_s = UINT64_MAX;
    return 0;
}

static int read_token(const ck_access *access, const char *token, uint64_t now_s,
                      ck_room_guest *out, const char **why)
{
    ck_access_result result;
    if (ck_access_play(access, token, out->room, now_s, &result) < 0) {
        bool comes_again = result.fault == CK_TOKEN_MISSING || result.fault == CK_TOKEN_EXPIRED;
        *why = result.why;
        return comes_again ? 401 : 403;
    }
    (void)ck_text_copy(out->name, sizeof out->name, result.claims.name); /* the same size */
    out->role = result.claims.role;
    out->expires_s = result.claims.expires_s;
    return 0;
}

bool ck_room_guest_renew(const ck_access *access, const char *token, uint64_t now_s,
                         ck_room_guest *guest)
{
    const char *why;
    return access->open || read_token(access, token, now_s, guest, &why) == 0;
}

int ck_room_guest_of(const ck_access *access, const char *path, const char *query,
                     const char *token, uint64_t now_s, ck_room_guest *out, const char **why)
{
    if (!read_room(path, out->room)) {
        *why = "this is the name of no room";
        return 404;
    }
    if (access->open) {
        return read_claims(query, out, why);
    }
    return read_token(access, token, now_s, out, why);
}

/* ---- how often ---- */

/* FNV-1a. */
uint64_t ck_room_guest_hash(const ck_room_guest *guest)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    const char *texts[] = {guest->room, "/", guest->name};
    for (size_t i = 0; i < CK_COUNT_OF(texts); i++) {
        for (const char *at = texts[i]; *at != '\0'; at++) {
            hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
        }
    }
    return hash;
}

static bool has_one(ck_gate_bucket *bucket, uint64_t per_s, uint64_t burst, uint64_t now_us)
{
    uint64_t passed_us = CK_MIN(now_us - bucket->at_us, burst * CK_US_PER_S);
    bucket->tokens = CK_MIN(burst * ONE_JOIN, bucket->tokens + passed_us * per_s);
    bucket->at_us = now_us;
    return bucket->tokens >= ONE_JOIN;
}

void ck_room_gate_init(ck_room_gate *gate, uint64_t now_us)
{
    memset(gate, 0, sizeof *gate);
    gate->all = (ck_gate_bucket){.tokens = (uint64_t)CK_GATE_BURST * ONE_JOIN, .at_us = now_us};
}

int ck_room_gate_pass(ck_room_gate *gate, const ck_room_guest *guest, uint64_t now_us,
                      const char **why)
{
    uint64_t owner = ck_room_guest_hash(guest);
    ck_gate_bucket *own = &gate->own[owner % CK_GATE_SLOTS];
    if (own->owner != owner || own->at_us == 0) {
        *own = (ck_gate_bucket){
            .owner = owner, .tokens = (uint64_t)CK_GATE_OWN_BURST * ONE_JOIN, .at_us = now_us};
    }
    if (!has_one(own, CK_GATE_OWN_PER_S, CK_GATE_OWN_BURST, now_us)) {
        *why = "this participant joins too often";
        return 429;
    }
    if (!has_one(&gate->all, CK_GATE_PER_S, CK_GATE_BURST, now_us)) {
        *why = "too many join at once; come again in a second";
        return 503;
    }
    own->tokens -= ONE_JOIN;
    gate->all.tokens -= ONE_JOIN;
    return 0;
}
