/*
 * Each 10 ms the player is at some lag behind the least delayed packet, on a grid of 2.5 ms, and
 * chooses: play at normal speed, a quarter faster, a quarter slower, conceal and go on, or hold
 * time. From the end of the trace backwards, the cheapest way on from each lag is known.
 */
#include "bench/jitter_bench.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

#define TICK_US 10000
#define GRID_US 2500
#define LAG_MAX 4000000

enum choice { NORMAL, FASTER, SLOWER, PASS, HOLD };

typedef struct problem {
    const ck_jitter_trace *trace;
    double lambda_ms;
    int64_t first_us;    /* presentation time; times below are from it and the base on */
    int64_t *arrived_us; /* of each piece of GRID_US of media */
    int64_t pieces;
    int64_t begin_us;
    size_t lags, ticks;
    double *cost, *next_cost; /* from a lag on: at this tick, at the next */
    uint8_t *choices;         /* a tick and lag each */
} problem;

static void *room_for(size_t count, size_t size)
{
    void *room = calloc(count + 1, size);
    if (room == NULL) {
        fputs("jitter: out of memory\n", stderr);
        exit(1);
    }
    return room;
}

static void lay_out(problem *p)
{
    const ck_jitter_trace *t = p->trace;
    int64_t latest = 0;
    p->first_us = t->end_us;
    for (size_t i = 0; i < t->count; i++) {
        const ck_arrival *a = &t->arrivals[i];
        p->first_us = CK_MIN(p->first_us, a->pts_us);
        latest = CK_MAX(latest, (int64_t)a->at_us - a->pts_us - t->base_us);
    }
    p->lags = (size_t)(CK_MIN(latest, LAG_MAX) / GRID_US) + 8;
    p->pieces = (t->end_us - p->first_us) / GRID_US + 1;
    p->arrived_us = room_for((size_t)p->pieces, sizeof *p->arrived_us);
    for (int64_t i = 0; i < p->pieces; i++) {
        p->arrived_us[i] = INT64_MAX;
    }
    int64_t zero_us = t->base_us + p->first_us;
    for (size_t i = 0; i < t->count; i++) {
        int64_t from = t->arrivals[i].pts_us - p->first_us;
        int64_t to = from + (int64_t)t->lasts_us[i];
        for (int64_t n = from / GRID_US; n * GRID_US < to; n++) {
            p->arrived_us[n] = CK_MIN(p->arrived_us[n], (int64_t)t->arrivals[i].at_us - zero_us);
        }
    }
    p->begin_us = (int64_t)t->arrivals[0].at_us + CK_JITTER_BENCH_START_US - zero_us;
    int64_t span_us = t->end_us - p->first_us - p->begin_us;
    p->ticks = span_us > 0 ? (size_t)(span_us / TICK_US) : 0;
    p->cost = room_for(p->lags, sizeof *p->cost);
    p->next_cost = room_for(p->lags, sizeof *p->next_cost);
    p->choices = room_for(p->ticks * p->lags, 1);
}

/* How many pieces from there on have come. */
static int pieces_there(const problem *p, int64_t now_us, int64_t media_us)
{
    int count = 0;
    int64_t first = media_us / GRID_US;
    while (media_us >= 0 && count < 5 && first + count < p->pieces &&
           p->arrived_us[first + count] <= now_us) {
        count++;
    }
    return count;
}

static void consider(double *best, uint8_t *choice, double cost, enum choice is)
{
    if (cost < *best) {
        *best = cost;
        *choice = (uint8_t)is;
    }
}

/* The cheapest from one lag on. Costs are in ms of media times ms of delay. */
static void choose(problem *p, size_t tick, size_t lag)
{
    int64_t now_us = p->begin_us + (int64_t)tick * TICK_US;
    int there = pieces_there(p, now_us, now_us - (int64_t)lag * GRID_US);
    double delay_ms = (double)lag * GRID_US / 1000;
    double best = 10 * p->lambda_ms + p->next_cost[lag];
    uint8_t choice = PASS;
    if (lag + 4 < p->lags) {
        consider(&best, &choice, 10 * p->lambda_ms + p->next_cost[lag + 4], HOLD);
    }
    if (there >= 4) {
        consider(&best, &choice, 10 * delay_ms + p->next_cost[lag], NORMAL);
    }
    if (there >= 5 && lag > 0) {
        consider(&best, &choice, 10 * delay_ms + p->next_cost[lag - 1], FASTER);
    }
    if (there >= 3 && lag + 1 < p->lags) {
        double inserted = 2.5 * p->lambda_ms;
        consider(&best, &choice, 7.5 * delay_ms + inserted + p->next_cost[lag + 1], SLOWER);
    }
    p->cost[lag] = best;
    p->choices[tick * p->lags + lag] = choice;
}

static size_t cheapest_start(const problem *p)
{
    size_t best = 0;
    for (size_t lag = 1; lag < p->lags; lag++) {
        best = p->next_cost[lag] < p->next_cost[best] ? lag : best;
    }
    return best;
}

static ck_jitter_point follow(const problem *p, size_t lag)
{
    static const struct {
        double played_ms, lost_ms;
        int lag;
    } steps[] = {
        [NORMAL] = {10, 0, 0}, [FASTER] = {10, 0, -1}, [SLOWER] = {7.5, 2.5, 1},
        [PASS] = {0, 10, 0},   [HOLD] = {0, 10, 4},
    };
    double lost_ms = 0, played_ms = 0, delay = 0, stretched_ms = 0;
    for (size_t tick = 0; tick < p->ticks; tick++) {
        enum choice is = (enum choice)p->choices[tick * p->lags + lag];
        lost_ms += steps[is].lost_ms;
        played_ms += steps[is].played_ms;
        delay += steps[is].played_ms * (double)lag * GRID_US / 1000;
        stretched_ms += is == FASTER || is == SLOWER ? TICK_US / 1000.0 : 0;
        lag = (size_t)((int64_t)lag + steps[is].lag);
    }
    double all_ms = lost_ms + played_ms;
    return (ck_jitter_point){
        .share = all_ms > 0 ? lost_ms / all_ms : 0,
        .delay_ms = played_ms > 0 ? delay / played_ms : 0,
        .stretched = all_ms > 0 ? stretched_ms / all_ms : 0,
    };
}

ck_jitter_point ck_jitter_bound(const ck_jitter_trace *t, double lambda_ms)
{
    problem p = {.trace = t, .lambda_ms = lambda_ms};
    lay_out(&p);
    for (size_t tick = p.ticks; tick > 0; tick--) {
        for (size_t lag = 0; lag < p.lags; lag++) {
            choose(&p, tick - 1, lag);
        }
        double *done = p.cost;
        p.cost = p.next_cost;
        p.next_cost = done;
    }
    ck_jitter_point point = follow(&p, cheapest_start(&p));
    free(p.arrived_us);
    free(p.cost);
    free(p.next_cost);
    free(p.choices);
    return point;
}
