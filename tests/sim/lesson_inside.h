/* Private to lesson.c, teacher.c and student*.c. */
#ifndef CK_SIM_LESSON_INSIDE_H
#define CK_SIM_LESSON_INSIDE_H

#include "core/avsync/avsync.h"
#include "core/jitter/jitter.h"
#include "core/publish/backlog.h"
#include "core/publish/gate.h"
#include "sim/client.h"
#include "sim/lesson.h"

#define CK_LESSON_PICTURES 512
#define CK_LESSON_BUCKETS  1024
#define CK_LESSON_PACKETS  1024             /* sent of late, to be asked for again */
#define CK_LESSON_PTS      INT64_C(7000000) /* the teacher's time line begins here */

typedef struct ck_lesson ck_lesson;

/* Sends sound and pictures as the product does: what the gate lets through, over RTMP. */
typedef struct ck_teacher {
    ck_lesson *lesson;
    ck_sim_client client;
    ck_gate gate;
    ck_backlog backlog;
    bool live, headers_sent;
    bool want_key;
    uint32_t picture_number;
    uint64_t sound_samples; /* since the beginning */
    uint32_t packets;       /* PACKETS: sent */
    uint64_t queued_most;   /* bytes that have not left */
} ck_teacher;

typedef struct ck_student {
    ck_lesson *lesson;
    ck_sim_client client;
    ck_jitter *jitter;
    ck_avsync avsync;
    ck_trim trim;
    bool joined; /* listens, and has not left */
    uint64_t asleep_until_us;
    /* Pictures that wait, as decoded. */
    int64_t pictures[CK_LESSON_PICTURES];
    uint32_t picture_count;
    uint32_t sounds; /* came, over the stream */
    /* The sound device. */
    uint64_t tick_ns;
    uint64_t ready_ns; /* sound made and not taken, in its own time */
    int64_t heard_end_pts;
    int32_t trim_ppm;
    bool playing;
    int64_t last_pts; /* of sound played */
    bool any_pts;
    uint64_t first_heard_us;
    int64_t last_position;
    bool any_position;
    /* Figures. */
    uint64_t second_made_ns, second_media_ns;
    uint64_t over_us;     /* when trouble ended and nothing has been heard since; 0: all is well */
    uint64_t live_us;     /* since when it is silent for no reason of the network */
    bool fresh;           /* sound came since trouble ended ... */
    int64_t fresh_pts;    /* ... from this on */
    bool transport_waits; /* the connection is there, and TCP has not come back yet */
    bool survived;        /* the connection is that of when the network healed */
    uint64_t bytes_at_us; /* when some came */
    uint64_t delay_sum_ms, delay_count;
    uint64_t bytes;
    uint64_t sampled_bytes, sampled_freezes_us;
    bool frozen;
} ck_student;

struct ck_lesson {
    ck_sim sim;
    const ck_lesson_options *options;
    const ck_scenario *scenario;
    ck_lesson_report *report;
    ck_link publish, publish_acks, down, up;
    ck_sim_edge edge;
    ck_teacher teacher;
    ck_student *students;
    uint32_t student_count;
    uint32_t pauses;
    uint32_t skew[CK_LESSON_BUCKETS]; /* ms */
    uint32_t rate[CK_LESSON_BUCKETS]; /* thousandths off */
    uint64_t delay_sum_ms, delay_count;
};

void ck_lesson_break(ck_lesson *l, const char *rule, uint64_t value);

void ck_teacher_init(ck_teacher *t, ck_lesson *l);
void ck_teacher_start(ck_teacher *t);
/* PACKETS: sends that one again to a student, when it is not too old. */
void ck_teacher_again(ck_teacher *t, ck_student *s, uint16_t sequence);

void ck_student_init(ck_student *s, ck_lesson *l);
void ck_student_free(ck_student *s);
void ck_student_join(void *student, uint64_t a, uint64_t b);
void ck_student_sleep(ck_student *s, uint64_t us);
void ck_student_packet(void *student, uint64_t number, uint64_t again);
void ck_student_trouble(ck_student *s, bool over);
void ck_student_finish(ck_student *s); /* hangs up */
void ck_student_check(ck_student *s);  /* after all is over */
void ck_student_sample(ck_student *s, ck_lesson_sample *sample);

/* Between student.c and student_play.c. */
ck_sim *ck_student_sim_of(ck_student *s);
uint64_t ck_student_now_of(ck_student *s);
bool ck_student_asleep(ck_student *s, ck_sim_fn again); /* then it is called when that is over */
void ck_student_ask_again(ck_student *s);
void ck_student_device_tick(void *student, uint64_t a, uint64_t b);
void ck_student_picture_tick(void *student, uint64_t a, uint64_t b);
void ck_student_trim_tick(void *student, uint64_t a, uint64_t b);

#endif
