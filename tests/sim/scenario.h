/* Lessons over networks as people have them. Each runs with a seed. */
#ifndef CK_SIM_SCENARIO_H
#define CK_SIM_SCENARIO_H

#include "sim/link.h"

/* 0: does not happen. */
typedef struct ck_scenario {
    const char *name;
    const char *what;
    uint32_t seconds;
    uint32_t students;      /* 0: one */
    ck_link_config publish; /* teacher to edge; a stream */
    ck_link_config down;    /* edge to all students, shared */
    ck_link_config up;      /* and back */
    const char *trace;      /* of the test data: the rate of `down`, where the data is there */
    uint32_t pause_every_ms, pause_ms;   /* `down` and `up` stand still: a scan, a handover */
    bool handover;                       /* after every other pause the path is 60 ms longer */
    uint32_t starve_every_ms, starve_ms; /* somebody else fills `publish`: a quarter is left */
    uint32_t sleep_at_ms, sleep_ms;      /* the student's machine */
    uint32_t restart_at_ms, restart_ms;  /* the edge */
    uint32_t join_within_ms;             /* students come at random in so long a time */
    int32_t drift_ppm;                   /* of the student's sound device; above 0 it is fast */
    /* What must hold. */
    uint32_t join_ms;       /* until a newcomer hears; 0: 1,000 */
    uint32_t live_again_ms; /* after all that went wrong is over; 0: 1,000 */
    uint32_t skew_ms;       /* 95th percentile; 0: 40 */
} ck_scenario;

extern const ck_scenario ck_scenarios[];
extern const size_t ck_scenario_count;
const ck_scenario *ck_scenario_find(const char *name); /* NULL: none */

#endif
