/* What every store of rooms does, in memory and on a disk. */
#include "store_support.h"

#include "support/check.h"

#include <stdio.h>

static const bool kinds[] = {false, true};

#define FOR_KINDS(s)                                                                               \
    for (size_t kind_ = 0; kind_ < 2 && (shelf_open(&(s), kinds[kind_]), true);                    \
         shelf_close(&(s)), kind_++)

CK_TEST(room_store, what_was_committed_is_told_again)
{
    shelf s;
    FOR_KINDS(s)
    {
        holder h;
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK(h.epoch > 0);
        CK_CHECK_STR(holder_tail(&h), "");
        CK_CHECK_EQ(holder_append(&h, 0, 2, "one"), CK_STORE_COMMITTED);
        CK_CHECK_EQ(h.answered_to, 2);
        CK_CHECK_EQ(holder_append(&h, 2, 3, "two"), CK_STORE_COMMITTED);
        CK_CHECK_STR(holder_tail(&h), "2 one 3 two ");
        holder_close(&h);
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&h), "2 one 3 two ");
        holder_close(&h);
        CK_CHECK_EQ(holder_open(&h, &s, "math"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&h), "");
        CK_CHECK_EQ(shelf_stats(&s).appends, 2);
        CK_CHECK_EQ(shelf_stats(&s).leases, 1);
        holder_close(&h);
    }
}

CK_TEST(room_store, who_opens_next_fences_who_had_it)
{
    shelf s;
    FOR_KINDS(s)
    {
        holder first, second, other;
        CK_CHECK_EQ(holder_open(&first, &s, "maths"), CHALK_OK);
        CK_CHECK_EQ(holder_append(&first, 0, 1, "one"), CK_STORE_COMMITTED);
        CK_CHECK_EQ(holder_open(&other, &s, "art"), CHALK_OK);
        CK_CHECK_EQ(holder_open(&second, &s, "maths"), CHALK_OK);
        CK_CHECK(second.epoch > first.epoch);
        CK_CHECK_EQ(holder_append(&first, 1, 2, "late"), CK_STORE_FENCED);
        CK_CHECK_EQ(holder_append(&first, 1, 1, ""), CK_STORE_FENCED);
        CK_CHECK_EQ(holder_checkpoint(&first, 1, "late"), CHALK_OK);
        CK_CHECK_EQ(holder_append(&second, 1, 1, ""), CK_STORE_COMMITTED);
        CK_CHECK_EQ(holder_append(&second, 1, 2, "two"), CK_STORE_COMMITTED);
        CK_CHECK_EQ(holder_append(&other, 0, 1, "sun"), CK_STORE_COMMITTED);
        CK_CHECK_STR(holder_tail(&second), "1 one 2 two ");
        CK_CHECK_EQ(shelf_stats(&s).fenced, 2);
        holder_close(&first);
        holder_close(&second);
        holder_close(&other);
    }
}

CK_TEST(room_store, a_log_has_no_gap_and_nothing_twice)
{
    shelf s;
    FOR_KINDS(s)
    {
        holder h;
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK_EQ(holder_append(&h, 0, 5, "one"), CK_STORE_COMMITTED);
        CK_CHECK_EQ(holder_append(&h, 6, 7, "gap"), CK_STORE_FENCED);
        CK_CHECK_EQ(holder_append(&h, 0, 5, "one"), CK_STORE_FENCED);
        CK_CHECK_EQ(holder_append(&h, 4, 6, "over"), CK_STORE_FENCED);
        CK_CHECK_STR(holder_tail(&h), "5 one ");
        holder_close(&h);
    }
}

CK_TEST(room_store, a_checkpoint_stands_for_what_is_before_it)
{
    shelf s;
    FOR_KINDS(s)
    {
        holder h;
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        for (uint64_t to = 1; to <= 4; to++) {
            CK_CHECK_EQ(holder_append(&h, to - 1, to, "x"), CK_STORE_COMMITTED);
        }
        CK_CHECK_EQ(holder_checkpoint(&h, 3, "state"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&h), "[3 state]4 x ");
        CK_CHECK_EQ(holder_append(&h, 4, 5, "y"), CK_STORE_COMMITTED);
        CK_CHECK_STR(holder_tail(&h), "[3 state]4 x 5 y ");
        CK_CHECK_EQ(holder_checkpoint(&h, 5, "newer"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&h), "[5 newer]");
        CK_CHECK_EQ(holder_append(&h, 5, 6, "z"), CK_STORE_COMMITTED);
        holder_close(&h);
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&h), "[5 newer]6 z ");
        CK_CHECK_EQ(shelf_stats(&s).failures, 0);
        holder_close(&h);
    }
}

CK_TEST(room_store, one_question_of_a_kind_at_a_time)
{
    shelf s;
    FOR_KINDS(s)
    {
        holder h, unopened = {.shelf = &s, .opened = 1};
        CK_CHECK_EQ(holder_open(&h, &s, ""), CHALK_ERR_INVALID_ARGUMENT);
        CK_CHECK_EQ(holder_open(&h, &s,
                                "12345678901234567890123456789012345678901234567890"
                                "123456789012345"),
                    CHALK_ERR_INVALID_ARGUMENT);
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK_EQ(holder_begin_append(&h, 0, 1, "one"), CHALK_OK);
        CK_CHECK_EQ(holder_begin_append(&h, 1, 2, "two"), CHALK_ERR_BAD_STATE);
        CK_CHECK_EQ(holder_wait(&h), CK_STORE_COMMITTED);
        CK_CHECK_EQ(holder_begin_append(&h, 2, 1, "back"), CHALK_ERR_INVALID_ARGUMENT);
        CK_CHECK_EQ(ck_lease_tail(h.lease), CHALK_OK);
        CK_CHECK_EQ(ck_lease_tail(h.lease), CHALK_ERR_BAD_STATE);
        holder_close(&h);
        holder_close(&unopened); /* has none: nothing happens */
    }
}

/* --- closing ------------------------------------------------------------------------------- */

static void close_when_opened(void *user, int status, uint64_t epoch)
{
    (void)status;
    (void)epoch;
    ck_lease_close(user);
}

static void close_at_record(void *user, uint64_t after, uint64_t to, ck_bytes record)
{
    (void)after;
    (void)to;
    (void)record;
    holder *h = user;
    h->answers++;
    ck_lease_close(&h->lease);
}

static void tail_when_opened(void *user, int status, uint64_t epoch)
{
    holder *h = user;
    (void)epoch;
    if (status == CHALK_OK) {
        (void)ck_lease_tail(h->lease);
    }
}

static void never_tailed(void *user, int status)
{
    (void)status;
    holder *h = user;
    h->tailed = CHALK_OK;
}

CK_TEST(room_store, a_lease_is_closed_from_its_own_events)
{
    shelf s;
    FOR_KINDS(s)
    {
        holder h;
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK_EQ(holder_append(&h, 0, 1, "one"), CK_STORE_COMMITTED);
        CK_CHECK_EQ(holder_append(&h, 1, 2, "two"), CK_STORE_COMMITTED);
        holder_close(&h);
        static const ck_lease_events closing = {.opened = close_when_opened};
        static const ck_lease_events leaving = {
            .opened = tail_when_opened, .record = close_at_record, .tailed = never_tailed};
        ck_lease *lease = NULL;
        CK_CHECK_EQ(ck_lease_open(s.store, (ck_bytes){(const uint8_t *)"maths", 5}, &closing,
                                  &lease, &lease),
                    CHALK_OK);
        h = (holder){.tailed = 1};
        CK_CHECK_EQ(
            ck_lease_open(s.store, (ck_bytes){(const uint8_t *)"maths", 5}, &leaving, &h, &h.lease),
            CHALK_OK);
        for (int i = 0; (lease != NULL || h.lease != NULL || shelf_stats(&s).leases > 0) &&
                        i < ck_test_patience_ms(5000);
             i++) {
            shelf_turn(&s);
        }
        CK_CHECK(lease == NULL && h.lease == NULL);
        CK_CHECK_EQ(h.answers, 1);
        CK_CHECK_EQ(h.tailed, 1);
        CK_CHECK_EQ(shelf_stats(&s).leases, 0);
    }
}

CK_TEST(room_store, what_was_asked_for_is_carried_out_and_not_answered)
{
    shelf s;
    FOR_KINDS(s)
    {
        holder h, again;
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK_EQ(holder_begin_append(&h, 0, 1, "one"), CHALK_OK);
        holder_close(&h);
        CK_CHECK_EQ(holder_open(&again, &s, "maths"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&again), "1 one ");
        CK_CHECK_EQ(h.answers, 0);
        /* Destroyed with everything under way. */
        CK_CHECK_EQ(holder_begin_append(&again, 1, 2, "two"), CHALK_OK);
        CK_CHECK_EQ(ck_lease_tail(again.lease), CHALK_OK);
        shelf_restart(&s);
        CK_CHECK_EQ(again.answers, 0);
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&h), s.disk ? "1 one 2 two " : "");
        shelf_turn(&s);
    }
}

CK_TEST(room_store, rooms_in_memory_are_forgotten_when_told)
{
    shelf s;
    holder h;
    const ck_bytes name = {(const uint8_t *)"maths", 5};
    shelf_open(&s, false);
    CK_CHECK_EQ(ck_room_store_forget(s.store, name), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&h, 0, 1, "one"), CK_STORE_COMMITTED);
    CK_CHECK_EQ(ck_room_store_forget(s.store, name), CHALK_ERR_BAD_STATE);
    holder_close(&h);
    CK_CHECK_EQ(shelf_stats(&s).rooms, 1);
    CK_CHECK_EQ(ck_room_store_forget(s.store, name), CHALK_OK);
    CK_CHECK_EQ(shelf_stats(&s).rooms, 0);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_STR(holder_tail(&h), "");
    shelf_close(&s);
}

/* --- many ---------------------------------------------------------------------------------- */

#define ROOMS  200
#define ROUNDS 5

CK_TEST(room_store, many_rooms_at_once)
{
    static holder holders[ROOMS];
    shelf s;
    FOR_KINDS(s)
    {
        char name[16];
        for (unsigned i = 0; i < ROOMS; i++) {
            snprintf(name, sizeof name, "room %u", i);
            CK_CHECK_EQ(holder_open(&holders[i], &s, name), CHALK_OK);
        }
        for (unsigned round = 0; round < ROUNDS; round++) {
            for (unsigned i = 0; i < ROOMS; i++) {
                CK_CHECK_EQ(holder_begin_append(&holders[i], round, round + 1, "x"), CHALK_OK);
            }
            for (unsigned i = 0; i < ROOMS; i++) {
                CK_CHECK_EQ(holder_wait(&holders[i]), CK_STORE_COMMITTED);
            }
        }
        for (unsigned i = 0; i < ROOMS; i++) {
            CK_CHECK_STR(holder_tail(&holders[i]), "1 x 2 x 3 x 4 x 5 x ");
        }
        const ck_room_store_stats stats = shelf_stats(&s);
        CK_CHECK_EQ(stats.appends, ROOMS * ROUNDS);
        CK_CHECK(!s.disk || stats.commits < ROOMS * ROUNDS / 4);
        CK_CHECK(!s.disk || stats.queue_most > 1);
    }
}
