/*
 * A class of thousands, as one edge's sequencer sees it: everybody's connection at its frames, in
 * virtual time. What it costs a student in bits and the edge in time.
 */
#ifndef CK_SIM_CLASS_H
#define CK_SIM_CLASS_H

#include <stdint.h>

/* Where bytes went, on average to a student. */
enum ck_class_lane {
    CK_CLASS_PACKED,  /* BATCH, CROWD and PRESENCE together */
    CK_CLASS_ORDERED, /* BATCH */
    CK_CLASS_CROWD,
    CK_CLASS_PRESENCE,
    CK_CLASS_PERSONAL,
    CK_CLASS_OTHER, /* PONG and the like */
    CK_CLASS_LANES,
};

typedef struct ck_class_run {
    /* What is asked for. */
    uint32_t students;
    uint32_t seconds; /* after all have joined */
    uint32_t crowd_per_s;
    uint64_t seed;
    /* What came of it. */
    char broken[160];                    /* the first rule that did not hold; empty: none */
    double frames_per_s[CK_CLASS_LANES]; /* to a student that can unpack */
    double kbps[CK_CLASS_LANES];         /* with 56 bytes of headers for each frame */
    double plain_kbps[CK_CLASS_LANES];   /* to one that cannot */
    double kbps_total, plain_kbps_total;
    double packed_ratio; /* size of what is packed to what it was */
    uint64_t deliveries;
    double ns_per_delivery; /* of the core's own time, all of its work included */
    double core_share;      /* of a processor, while the class runs */
    double join_us;         /* of the core's time, for one who joins */
    uint64_t said, shown, hidden;
} ck_class_run;

void ck_class_simulate(ck_class_run *run);

/* `chalk-sim class [--students N] [--seconds N] [--crowd N]` */
int ck_class_main(int argc, char **argv);

#endif
