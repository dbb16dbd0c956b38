/* Private to lesson.c and student*.c. */
#ifndef CK_SIM_LESSON_INSIDE_H
#define CK_SIM_LESSON_INSIDE_H

#include "core/avsync/avsync.h"
#include "core/jitter/jitter.h"
#include "core/session/session.h"
#include "sim/lesson.h"
#include "sim/tcp.h"

#define CK_LESSON_CONNECTIONS 32 /* of one student, ever */
#define CK_LESSON_PICTURES    512
#define CK_LESSON_BUCKETS     1024
#define CK_LESSON_PTS         INT64_C(7000000) /* the teacher's time line begins here */
#define CK_LESSON_ACCEPTED    UINT64_MAX       /* a message that is no media */

/* One sound or picture, known by its index. */
typedef struct ck_item {
    int64_t pts_us;
    uint32_t duration_us;
    uint32_t bytes;
    bool sound, key;
} ck_item;

typedef struct ck_lesson ck_lesson;

typedef struct ck_student {
    ck_lesson *lesson;
    ck_session session;
    ck_jitter *jitter;
    ck_avsync avsync;
    ck_trim trim;
    ck_tcp connections[CK_LESSON_CONNECTIONS];
    uint32_t connection_count;
    uint32_t attempt;   /* of the newest connection; 0: none */
    bool opened, asked; /* the connection is there; its stream was asked for */
    bool subscribed;    /* the edge sends */
    uint64_t asleep_until_us;
    uint64_t session_at_us; /* the event that is under way; 0: none */
    /* Pictures that wait, as decoded. */
    int64_t pictures[CK_LESSON_PICTURES];
    uint32_t picture_count;
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
    uint64_t live_since_us; /* when trouble ended and it has not been heard since; 0: all is well */
    uint64_t delay_sum_ms, delay_count;
    uint64_t bytes;
    uint64_t sampled_bytes;
    bool frozen;
} ck_student;

struct ck_lesson {
    ck_sim sim;
    const ck_lesson_options *options;
    const ck_scenario *scenario;
    ck_lesson_report *report;
    ck_link publish, publish_acks, down, up;
    ck_tcp uplink;
    ck_item *items;
    size_t item_count, item_size;
    size_t edge_key;    /* index of the newest key frame at the edge; SIZE_MAX: none */
    size_t *edge_items; /* what the edge has of the current group */
    size_t edge_item_count, edge_item_size;
    bool edge_up;
    bool wait_key; /* the teacher sends no pictures up to the next key frame */
    uint64_t next_sound_us, next_picture_us;
    uint32_t picture_number;
    uint32_t pauses;
    ck_student *students;
    uint32_t student_count;
    uint32_t skew[CK_LESSON_BUCKETS]; /* ms */
    uint32_t rate[CK_LESSON_BUCKETS]; /* thousandths off */
    uint64_t delay_sum_ms, delay_count;
};

void ck_lesson_break(ck_lesson *l, const char *rule, uint64_t value);
void ck_lesson_subscribe(ck_lesson *l, ck_student *s);
bool ck_lesson_has_stream(const ck_lesson *l);

void ck_student_init(ck_student *s, ck_lesson *l);
void ck_student_free(ck_student *s);
void ck_student_join(void *student, uint64_t a, uint64_t b);
void ck_student_sleep(ck_student *s, uint64_t us);
void ck_student_send(ck_student *s, size_t item);
/* The connection is gone: the edge closed it (END of a backlog) or is not there. */
void ck_student_lost(ck_student *s);
void ck_student_trouble(ck_student *s, bool over);
void ck_student_finish(ck_student *s);
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
