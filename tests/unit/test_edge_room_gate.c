/* Who is let into a room, and how often. */
#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/room_gate.h"
#include "support/check.h"

#include <stdio.h>

#define NOW 1800000000ull

static const char secret[] = "a secret of thirty-two bytes, ok";
static const ck_access closed = {.secret = secret, .secret_size = sizeof secret - 1};
static const ck_access open_to_all = {.open = true};

CK_TEST(edge_room_gate, a_token_says_who_it_is)
{
    static const struct {
        const char *path;
        uint64_t now_s;
        int status;
    } rows[] = {
        {"/rooms/maths", NOW, 0}, {"/rooms/maths", NOW + 60, 401},    {"/rooms/art", NOW, 403},
        {"/rooms/", NOW, 404},    {"/rooms/maths/", NOW, 404},        {"/rooms/a b", NOW, 404},
        {"/rooms/..", NOW, 404},  {"/rooms/maths/streams", NOW, 404}, {"/room/maths", NOW, 404},
        {"", NOW, 404},           {"/rooms/\xc3\x28", NOW, 404},
    };
    const ck_token_claims claims = {
        .room = "maths", .name = "ada", .role = CHALK_ROLE_TEACHER, .expires_s = NOW + 60};
    char token[CHALK_TOKEN_MAX];
    CK_CHECK_EQ(ck_token_make(secret, sizeof secret - 1, &claims, NOW, token, sizeof token),
                CHALK_OK);
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_room_guest guest;
        const char *why = NULL;
        int status = ck_room_guest_of(&closed, rows[i].path, "name=eve&role=owner", token,
                                      rows[i].now_s, &guest, &why);
        CK_CHECK_ROW(i, status == rows[i].status);
        CK_CHECK_ROW(i, (status == 0) == (why == NULL));
        if (status == 0) {
            CK_CHECK_STR(guest.room, "maths");
            CK_CHECK_STR(guest.name, "ada");
            CK_CHECK_EQ(guest.role, CHALK_ROLE_TEACHER);
            CK_CHECK_EQ(guest.expires_s, NOW + 60);
        }
    }
}

CK_TEST(edge_room_gate, without_a_token_who_are_you_comes_before_you_may_not)
{
    ck_room_guest guest;
    const char *why = NULL;
    CK_CHECK_EQ(ck_room_guest_of(&closed, "/rooms/maths", "name=ada", "", NOW, &guest, &why), 401);
    CK_CHECK_STR(why, "a token is needed");
    CK_CHECK_EQ(ck_room_guest_of(&closed, "/rooms/maths", "", "broken", NOW, &guest, &why), 403);
}

CK_TEST(edge_room_gate, an_open_edge_believes_names_and_roles)
{
    static const struct {
        const char *query;
        int status;
        enum chalk_role role;
    } rows[] = {
        {"name=ada", 0, CHALK_ROLE_STUDENT},
        {"name=ada&role=owner", 0, CHALK_ROLE_OWNER},
        {"role=observer&name=ada", 0, CHALK_ROLE_OBSERVER},
        {"", 400, 0},
        {"name=", 400, 0},
        {"name=a%20b", 400, 0},
        {"name=%2e%2e", 400, 0},
        {"name=ada&role=", 400, 0},
        {"name=ada&role=king", 400, 0},
        {"name=ada&role=teacherteacherteacher", 400, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_room_guest guest;
        const char *why = NULL;
        int status =
            ck_room_guest_of(&open_to_all, "/rooms/maths", rows[i].query, "", NOW, &guest, &why);
        CK_CHECK_ROW(i, status == rows[i].status);
        CK_CHECK_ROW(i, status != 0 || guest.role == rows[i].role);
        CK_CHECK_ROW(i, status != 0 || guest.expires_s == UINT64_MAX);
    }
}

static ck_room_guest guest_named(uint32_t number)
{
    ck_room_guest guest = {.room = "maths"};
    (void)snprintf(guest.name, sizeof guest.name, "p%u", (unsigned)number);
    return guest;
}

CK_TEST(edge_room_gate, one_who_joins_too_often_waits_and_others_do_not)
{
    static ck_room_gate gate;
    const char *why;
    const ck_room_guest eager = guest_named(1), other = guest_named(2);
    uint64_t now_us = 5000000;
    ck_room_gate_init(&gate, now_us);
    for (uint32_t i = 0; i < CK_GATE_OWN_BURST; i++) {
        CK_CHECK_EQ(ck_room_gate_pass(&gate, &eager, now_us, &why), 0);
    }
    CK_CHECK_EQ(ck_room_gate_pass(&gate, &eager, now_us, &why), 429);
    CK_CHECK_EQ(ck_room_gate_pass(&gate, &other, now_us, &why), 0);
    now_us += CK_US_PER_S / CK_GATE_OWN_PER_S;
    CK_CHECK_EQ(ck_room_gate_pass(&gate, &eager, now_us, &why), 0);
    CK_CHECK_EQ(ck_room_gate_pass(&gate, &eager, now_us, &why), 429);
    now_us += 3600ull * CK_US_PER_S; /* an hour saves up no more than the burst */
    for (uint32_t i = 0; i < CK_GATE_OWN_BURST; i++) {
        CK_CHECK_EQ(ck_room_gate_pass(&gate, &eager, now_us, &why), 0);
    }
    CK_CHECK_EQ(ck_room_gate_pass(&gate, &eager, now_us, &why), 429);
}

CK_TEST(edge_room_gate, all_together_have_a_rate)
{
    static ck_room_gate gate;
    const char *why;
    uint64_t now_us = 5000000;
    uint32_t passed = 0, refused = 0;
    ck_room_gate_init(&gate, now_us);
    for (uint32_t i = 0; i < CK_GATE_BURST + 100; i++) {
        const ck_room_guest guest = guest_named(i);
        int status = ck_room_gate_pass(&gate, &guest, now_us, &why);
        passed += status == 0;
        refused += status == 503;
    }
    CK_CHECK_EQ(passed, CK_GATE_BURST);
    CK_CHECK_EQ(refused, 100);
    now_us += CK_US_PER_S / 10;
    for (uint32_t i = 0; i < CK_GATE_PER_S; i++) {
        const ck_room_guest guest = guest_named(100000 + i);
        passed += ck_room_gate_pass(&gate, &guest, now_us, &why) == 0;
    }
    CK_CHECK_EQ(passed, CK_GATE_BURST + CK_GATE_PER_S / 10);
}
