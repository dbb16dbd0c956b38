/*
 * Which packets are missing and when to ask the sender for them again (RFC 4585 6.2.1, generic
 * NACK). A number is missing when a later one came; it is asked for once reordering has had its
 * time, again each round trip, at most CK_ASK_TIMES times, and no more once it would come too late.
 *
 * Numbers are extended (the caller unwraps them). Bounded: of more than CK_ASK_MAX missing ones the
 * oldest are given up. Allocates nothing; one thread at a time; fields are private.
 */
#ifndef CK_CORE_JITTER_ASK_H
#define CK_CORE_JITTER_ASK_H

#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

#define CK_ASK_MAX        64
#define CK_ASK_TIMES      4
#define CK_ASK_REORDER_US 10000 /* what reordering gets before it is called a loss */

typedef struct ck_ask_entry {
    int64_t number;
    uint64_t at_us; /* when to ask (again) */
    uint32_t asked;
} ck_ask_entry;

typedef struct ck_ask {
    ck_ask_entry missing[CK_ASK_MAX]; /* lowest number first */
    uint32_t count;
    uint32_t rtt_us;
    int64_t highest;
    bool any;
} ck_ask;

void ck_ask_init(ck_ask *a, uint32_t rtt_us);
void ck_ask_set_rtt(ck_ask *a, uint32_t rtt_us); /* at least 1 ms is kept between two requests */
void ck_ask_arrive(ck_ask *a, int64_t number, uint64_t now_us);
/* Numbers below this would come too late. */
void ck_ask_give_up(ck_ask *a, int64_t before);
/* One number to ask for now; false: none. */
bool ck_ask_poll(ck_ask *a, int64_t *number, uint64_t now_us);
uint64_t ck_ask_next_deadline(const ck_ask *a); /* CK_NEVER: none */

#endif
