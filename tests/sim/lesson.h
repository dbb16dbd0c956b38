/*
 * One run of a scenario: a teacher, an edge and students over simulated links, made of the real
 * cores: session, RTMP, gate and backlog of the teacher; RTMP and the hub of the edge; session,
 * RTMP, FLV, jitter buffer on headers alone, A/V sync of the students.
 */
#ifndef CK_SIM_LESSON_H
#define CK_SIM_LESSON_H

#include "sim/scenario.h"

#define CK_LESSON_SAMPLES  8192
#define CK_LESSON_EVERY_US 100000

/* What the first student had, every CK_LESSON_EVERY_US. */
typedef struct ck_lesson_sample {
    uint32_t delay_ms; /* from the teacher's microphone to the ear; 0: nothing is heard */
    uint32_t target_ms;
    uint32_t buffered_ms;
    uint32_t kbps; /* received */
    bool frozen;   /* sound is not as received */
    /* A picture that stood too long was followed by another; it had stood for so long. */
    uint32_t stood_ms;
} ck_lesson_sample;

typedef struct ck_lesson_report {
    uint64_t hash;
    /* Over all students. */
    uint64_t played_us, concealed_us, inserted_us, stretched_us;
    uint64_t pictures, freezes, freeze_us;
    uint64_t opens, closes, plays;
    uint64_t mean_delay_us;    /* of sound, end to end */
    uint64_t skew_p95_us;      /* of pictures with sound, after 2 s of playing */
    uint64_t join_us;          /* the longest until a newcomer heard */
    uint64_t live_again_us;    /* the longest a student took to hear once that was possible ... */
    uint64_t transport_us;     /* ... and TCP to come back after the network had healed */
    uint64_t steady_rate_ppm;  /* 95th percentile over seconds of |rate - 1| */
    uint32_t buffered_most;    /* packets */
    uint64_t queue_most_bytes; /* of the way down */
    uint64_t teacher_most_bytes, edge_most_bytes;
    char broken[160]; /* the first rule that did not hold; empty: all did */
    ck_lesson_sample samples[CK_LESSON_SAMPLES];
    size_t sample_count;
    size_t arrival_count;
} ck_lesson_report;

#define CK_SIM_TEACHER_BYTES (2u << 20) /* more must never wait at the teacher */

/* A mistake made on purpose, so that tests see that the rules can be broken. 0: none. */
enum ck_lesson_fault {
    CK_FAULT_NO_ANSWER = 1, /* the edge never answers */
    CK_FAULT_TWO_ANSWERS,   /* it answers twice */
    CK_FAULT_LEAK,          /* students leave without hanging up */
    CK_FAULT_TIGHT_QUEUES,  /* bounds are a thousandth */
    CK_FAULT_BACK,          /* sound is played twice */
    CK_FAULT_DEAF,          /* a student does not hear again after trouble */
};

typedef struct ck_lesson_options {
    const ck_scenario *scenario;
    uint64_t seed;
    bool packets;          /* sound in packets instead of a stream */
    uint32_t late_ppm;     /* 0: the jitter buffer's own */
    const ck_trace *trace; /* of the way down; NULL: the scenario's rate */
    ck_arrival *arrivals;  /* NULL, or room for arrivals_max: how sound came to the first student */
    size_t arrivals_max;
    enum ck_lesson_fault fault;
} ck_lesson_options;

void ck_lesson_run(const ck_lesson_options *options, ck_lesson_report *report);

#endif
