#include "load/profile.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define US_PER_S 1e6
/* Of classroom10k: 214 messages a second among 10,000, of whom a quarter says most. */
#define CLASS_STUDENTS  10000.0
#define CLASS_MESSAGES  214.0
#define CLASS_TALKATIVE 0.25
#define STROKE_POINTS   45

/* Rates of one teacher and of one student, a second. */
typedef struct rates {
    double teacher_says, teacher_points, says, reacts, raises;
} rates;

static rates rates_of(enum load_profile_kind kind)
{
    switch (kind) {
    case LOAD_LESSON: /* one to one: both talk, the teacher draws */
        return (rates){0.5, 20, 0.5, 0.02, 0.02};
    case LOAD_CHAT_FLOOD: /* everybody writes, and much */
        return (rates){1, 0, 0.2, 0.05, 0};
    case LOAD_CLASSROOM10K:
        return (rates){0, 60, CLASS_MESSAGES / CLASS_STUDENTS, 0, 0};
    case LOAD_LECTURE:
    case LOAD_BELL_RUSH: /* a lecture to which all come at once */
        break;
    }
    return (rates){0.2, 10, 1.0 / 120, 1.0 / 60, 1.0 / 1800};
}

static double gap_us(load_profile *p, const load_stream *s)
{
    double mean_us = US_PER_S / s->per_s;
    return s->regular ? mean_us : -log(1 - load_random_unit(&p->random)) * mean_us;
}

void load_profile_init(load_profile *p, const load_profile_config *config)
{
    const rates r = rates_of(config->kind);
    const double teachers = config->teachers, students = config->students;
    *p = (load_profile){
        .config = *config,
        .random = config->seed,
        .streams = {{LOAD_SAY, true, false, r.teacher_says * teachers, 0, 0},
                    {LOAD_POINT, true, true, teachers > 0 ? r.teacher_points : 0, 0, 0},
                    {LOAD_SAY, false, false, r.says * students, 0, 0},
                    {LOAD_REACT, false, false, r.reacts * students, 0, 0},
                    {LOAD_HAND, false, false, r.raises * students, 0, 0}},
    };
    for (int i = 0; i < LOAD_STREAMS; i++) {
        load_stream *s = &p->streams[i];
        s->next_us = s->per_s > 0 ? gap_us(p, s) : INFINITY;
    }
}

/* In the large class some say much more than others. */
static uint32_t choose_student(load_profile *p)
{
    const uint32_t students = p->config.students;
    double at = load_random_unit(&p->random);
    double place = p->config.kind == LOAD_CLASSROOM10K ? -log(1 - at) * CLASS_TALKATIVE : at;
    uint32_t index = place < 1 ? (uint32_t)(place * students) : students - 1;
    return p->config.teachers + index;
}

/* Waves in rows, one below the other. */
static void draw(uint32_t done, load_action *out)
{
    uint32_t stroke = done / STROKE_POINTS, point = done % STROKE_POINTS;
    out->number = done;
    out->x = 400 + stroke % 7 * 120 + 90 * cos(point / 9.0) + point * 2;
    out->y = 300 + stroke / 7 % 5 * 60 + 70 * sin(point / 6.0);
}

bool load_profile_next(load_profile *p, load_action *out)
{
    static const char *const reactions[] = {"👍", "👏", "❤️", "😂"};
    load_stream *next = &p->streams[0];
    for (int i = 1; i < LOAD_STREAMS; i++) {
        next = p->streams[i].next_us < next->next_us ? &p->streams[i] : next;
    }
    if (isinf(next->next_us)) {
        return false;
    }
    *out = (load_action){.at_us = (uint64_t)next->next_us, .verb = next->verb};
    if (!next->of_teachers) {
        out->who = choose_student(p);
    } else if (next->verb == LOAD_SAY) {
        out->who = (uint32_t)(load_random(&p->random) % p->config.teachers);
    }
    switch (next->verb) {
    case LOAD_SAY:
        load_words(&p->random, out->text);
        break;
    case LOAD_REACT:
        (void)snprintf(out->text, sizeof out->text, "%s", reactions[load_random(&p->random) % 4]);
        break;
    case LOAD_HAND:
        out->number = 1 - next->done % 2;
        break;
    case LOAD_POINT:
        draw(next->done, out);
        break;
    }
    next->done++;
    next->next_us += gap_us(p, next);
    return true;
}
