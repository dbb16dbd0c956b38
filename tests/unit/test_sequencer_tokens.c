/* Tokens that expire and are renewed; rooms that move. */
#include "room_pair.h"

#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#include <string.h>

static const ck_replica_config keeps = {.chat_max = 100};
static const ck_bytes token = {(const uint8_t *)"a.new.token", 11};
static ck_room_pair p;

static ck_bytes text_of(const char *text)
{
    return ck_bytes_of(text, strlen(text));
}

/* A teacher, and a student whose token is good for ten seconds. */
static void begin(void)
{
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &(ck_sequencer_config){0}), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "li", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    p.clients[1].expires_us = p.now_us + 10000000;
    ck_pair_cut(&p, 1);
    ck_pair_run(&p, 2000000);
    CK_CHECK_EQ(ck_replica_state_of(p.clients[1].replica), CK_SESSION_LIVE);
}

CK_TEST(tokens, one_that_expires_is_told_and_ends_the_connection_by_name)
{
    begin();
    ck_replica *r = p.clients[1].replica;
    uint64_t left_us = ck_replica_expires_us(r) - ck_replica_room_us(r, p.now_us);
    CK_CHECK(left_us > 7000000 && left_us <= 8100000);
    CK_CHECK_EQ(ck_replica_expires_us(p.clients[0].replica), 0);
    p.clients[1].unplugged = true;
    ck_pair_run(&p, 7000000);
    CK_CHECK_EQ(ck_replica_state_of(r), CK_SESSION_LIVE);
    ck_pair_run(&p, 2500000);
    CK_CHECK_EQ(ck_replica_bye(r), CK_REASON_EXPIRED);
    CK_CHECK(ck_replica_state_of(r) != CK_SESSION_LIVE);
    uint64_t id = ck_pair_say(&p, 1, "kept until I am back");
    /* With a new token it comes back, and nothing is lost. */
    p.clients[1].expires_us = 0;
    p.clients[1].unplugged = false;
    ck_pair_run(&p, 20000000);
    CK_CHECK_EQ(ck_pair_reason(&p, 1, id), CK_REASON_NONE);
    CK_CHECK_EQ(ck_replica_get_stats(r).snapshots, 1);
    ck_pair_free(&p);
}

CK_TEST(tokens, a_new_one_keeps_the_connection)
{
    begin();
    ck_replica *r = p.clients[1].replica;
    p.renewal = (ck_claims){text_of("li"), CK_ROLE_STUDENT, p.now_us + 60000000};
    CK_CHECK_EQ(ck_replica_renew(r, token), CHALK_OK);
    ck_pair_run(&p, 100000);
    uint64_t left_us = ck_replica_expires_us(r) - ck_replica_room_us(r, p.now_us);
    CK_CHECK(left_us > 59000000 && left_us <= 60000000);
    uint32_t connection = p.clients[1].attempt;
    ck_pair_run(&p, 30000000);
    CK_CHECK_EQ(ck_replica_state_of(r), CK_SESSION_LIVE);
    CK_CHECK_EQ(p.clients[1].attempt, connection);
    ck_pair_free(&p);
}

CK_TEST(tokens, a_new_one_raises_and_does_not_lower)
{
    begin();
    static const struct {
        enum ck_role of_token, then;
    } rows[] = {{CK_ROLE_ASSISTANT, CK_ROLE_ASSISTANT}, {CK_ROLE_STUDENT, CK_ROLE_ASSISTANT}};
    for (size_t row = 0; row < 2; row++) {
        p.renewal = (ck_claims){text_of("li"), rows[row].of_token, 0};
        CK_CHECK_EQ(ck_replica_renew(p.clients[1].replica, token), CHALK_OK);
        ck_pair_run(&p, 1000000);
        const ck_person *li = ck_pair_person(&p, 0, 2);
        CK_CHECK_ROW(row, li->role == rows[row].then);
        CK_CHECK_ROW(row, ck_replica_expires_us(p.clients[1].replica) == 0);
    }
    ck_pair_free(&p);
}

CK_TEST(tokens, one_that_is_not_good_ends_the_connection)
{
    const ck_claims bad[] = {
        {{0}, CK_ROLE_STUDENT, 0},            /* refused by the host */
        {text_of("ada"), CK_ROLE_TEACHER, 0}, /* somebody else's */
        {text_of("li"), CK_ROLE_STUDENT, 1},  /* expired */
        {text_of("li"), (enum ck_role)9, 0},  /* of no role */
        {text_of("li and somebody else"), CK_ROLE_STUDENT, 0},
    };
    for (size_t row = 0; row < sizeof bad / sizeof *bad; row++) {
        begin();
        p.renewal = bad[row];
        p.clients[1].unplugged = true;
        CK_CHECK_EQ(ck_replica_renew(p.clients[1].replica, token), CHALK_OK);
        ck_pair_run(&p, 100000);
        CK_CHECK_ROW(row, ck_replica_bye(p.clients[1].replica) == CK_REASON_EXPIRED);
        CK_CHECK_EQ(ck_replica_renew(p.clients[1].replica, token), CHALK_ERR_BAD_STATE);
        ck_pair_free(&p);
    }
}

CK_TEST(tokens, too_large_is_not_sent)
{
    begin();
    static uint8_t large[1025];
    CK_CHECK_EQ(ck_replica_renew(p.clients[1].replica, ck_bytes_of(large, sizeof large)),
                CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_replica_renew(p.clients[1].replica, (ck_bytes){0}), CHALK_ERR_LIMIT);
    ck_pair_free(&p);
}

static bool goes_to(uint32_t client, const char *url)
{
    ck_bytes to = ck_replica_moved_to(p.clients[client].replica);
    return to.size == strlen(url) && (to.size == 0 || memcmp(to.data, url, to.size) == 0);
}

CK_TEST(moved, all_are_told_where_and_come_back_when_it_is_not_there)
{
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &(ck_sequencer_config){0}), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "li", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    CK_CHECK(goes_to(0, ""));
    p.clients[1].unplugged = true;
    ck_sequencer_move(p.sequencer, text_of("wss://b.example/rooms/maths"));
    CK_CHECK_EQ(ck_sequencer_state_of(p.sequencer), CK_SEQUENCER_LOST);
    ck_pair_run(&p, 0);
    for (uint32_t i = 0; i < 2; i++) {
        CK_CHECK_EQ(ck_replica_bye(p.clients[i].replica), CK_REASON_MOVED);
        CK_CHECK(goes_to(i, "wss://b.example/rooms/maths"));
    }
    /* The other edge has it now. */
    CK_CHECK_EQ(ck_pair_restart(&p), CHALK_OK);
    ck_pair_run(&p, 5000000);
    CK_CHECK_EQ(ck_replica_state_of(p.clients[0].replica), CK_SESSION_LIVE);
    CK_CHECK(goes_to(0, "wss://b.example/rooms/maths")); /* and is where it goes from now on */
    CK_CHECK(goes_to(1, ""));                            /* it was not let in there */
    ck_pair_free(&p);
}

CK_TEST(moved, an_address_that_is_too_long_is_none)
{
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &(ck_sequencer_config){0}), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    static char url[2000];
    memset(url, 'x', sizeof url - 1);
    ck_sequencer_move(p.sequencer, text_of(url));
    ck_pair_run(&p, 0);
    CK_CHECK_EQ(ck_replica_bye(p.clients[0].replica), CK_REASON_MOVED);
    CK_CHECK(goes_to(0, ""));
    ck_pair_free(&p);
}
