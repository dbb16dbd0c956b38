#include "core/jitter/ask.h"

#include "base/check.h"

#include <string.h>

#define RTT_MIN_US 1000u

void ck_ask_init(ck_ask *a, uint32_t rtt_us)
{
    *a = (ck_ask){0};
    ck_ask_set_rtt(a, rtt_us);
}

void ck_ask_set_rtt(ck_ask *a, uint32_t rtt_us)
{
    a->rtt_us = CK_MAX(rtt_us, RTT_MIN_US);
}

static void remove_first(ck_ask *a, uint32_t count)
{
    a->count -= count;
    memmove(a->missing, a->missing + count, a->count * sizeof a->missing[0]);
}

static void remove_at(ck_ask *a, uint32_t index)
{
    a->count--;
    memmove(a->missing + index, a->missing + index + 1, (a->count - index) * sizeof a->missing[0]);
}

static void note_missing(ck_ask *a, int64_t from, int64_t to, uint64_t now_us)
{
    for (int64_t n = CK_MAX(from, to - CK_ASK_MAX); n < to; n++) {
        if (a->count == CK_ASK_MAX) {
            remove_first(a, 1);
        }
        a->missing[a->count++] = (ck_ask_entry){n, now_us + CK_ASK_REORDER_US, 0};
    }
}

void ck_ask_arrive(ck_ask *a, int64_t number, uint64_t now_us)
{
    if (!a->any) {
        a->any = true;
        a->highest = number;
        return;
    }
    if (number > a->highest) {
        note_missing(a, a->highest + 1, number, now_us);
        a->highest = number;
        return;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->missing[i].number == number) {
            remove_at(a, i);
            return;
        }
    }
}

void ck_ask_give_up(ck_ask *a, int64_t before)
{
    uint32_t old = 0;
    while (old < a->count && a->missing[old].number < before) {
        old++;
    }
    remove_first(a, old);
}

bool ck_ask_poll(ck_ask *a, int64_t *number, uint64_t now_us)
{
    for (uint32_t i = 0; i < a->count; i++) {
        ck_ask_entry *e = &a->missing[i];
        if (e->at_us > now_us) {
            continue;
        }
        *number = e->number;
        e->asked++;
        e->at_us = now_us + a->rtt_us;
        if (e->asked == CK_ASK_TIMES) {
            remove_at(a, i);
        }
        return true;
    }
    return false;
}

uint64_t ck_ask_next_deadline(const ck_ask *a)
{
    uint64_t next = CK_NEVER;
    for (uint32_t i = 0; i < a->count; i++) {
        next = CK_MIN(next, a->missing[i].at_us);
    }
    return next;
}
