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
    double teacher_says, teacher_points, teacher_polls;
    double says, whispers, reacts, raises, votes;
} rates;

static rates rates_of(enum load_profile_kind kind)
{
    switch (kind) {
    case LOAD_LESSON: /* one to one: both talk, the teacher draws */
        return (rates){
            .teacher_says = 0.5, .teacher_points = 20, .says = 0.5, .reacts = 0.02, .raises = 0.02};
    case LOAD_CHAT_FLOOD: /* everybody writes, and much */
        return (rates){.teacher_says = 1, .says = 0.2, .whispers = 0.02, .reacts = 0.05};
    case LOAD_CLASSROOM10K:
        return (rates){.teacher_points = 60, .says = CLASS_MESSAGES / CLASS_STUDENTS};
    case LOAD_LECTURE:
    case LOAD_BELL_RUSH: /* a lecture to which all come at once */
        break;
    }
    return (rates){.teacher_says = 0.2,
                   .teacher_points = 10,
                   .teacher_polls = 1.0 / 20,
                   .says = 1.0 / 120,
                   .whispers = 1.0 / 600,
                   .reacts = 1.0 / 60,
                   .raises = 1.0 / 1800,
                   .votes = 1.0 / 30};
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
        .streams = {{.verb = LOAD_SAY, .of_teachers = true, .per_s = r.teacher_says * teachers},
                    {.verb = LOAD_POINT,
                     .of_teachers = true,
                     .regular = true,
                     .per_s = teachers > 0 ? r.teacher_points : 0},
                    {.verb = LOAD_POLL,
                     .of_teachers = true,
                     .regular = true,
                     .per_s = teachers > 0 ? r.teacher_polls : 0},
                    {.verb = LOAD_SAY, .per_s = r.says * students},
                    {.verb = LOAD_WHISPER, .per_s = teachers > 0 ? r.whispers * students : 0},
                    {.verb = LOAD_REACT, .per_s = r.reacts * students},
                    {.verb = LOAD_HAND, .per_s = r.raises * students},
                    {.verb = LOAD_VOTE, .per_s = r.votes * students}},
    };
    for (int i = 0; i < LOAD_STREAMS; i++) {
        load_stream *s = &p->streams[i];
        s->next_us = s->per_s > 0 ? gap_us(p, s) / (s->regular ? 4 : 1) : INFINITY;
    }
}

/* In the large class some say much more than others. Places beyond the last student begin anew at
 * the first: else the last one alone would say four things a second, which is more than a student
 * may. */
static uint32_t choose_student(load_profile *p)
{
    double place = load_random_unit(&p->random);
    if (p->config.kind == LOAD_CLASSROOM10K) {
        place = fmod(-log(1 - place) * CLASS_TALKATIVE, 1.0);
    }
    return p->config.teachers + (uint32_t)(place * p->config.students);
}

/* Waves in rows, one below the other. */
static void draw(uint32_t done, load_action *out)
{
    uint32_t stroke = done / STROKE_POINTS, point = done % STROKE_POINTS;
    out->number = done;
    out->x = 400 + stroke % 7 * 120 + 90 * cos(point / 9.0) + point * 2;
    out->y = 300 + stroke / 7 % 5 * 60 + 70 * sin(point / 6.0);
}

/* What the action says, and which. */
static void fill(load_profile *p, const load_stream *s, load_action *out)
{
    static const char *const reactions[] = {"👍", "👏", "❤️", "😂"};
    switch (s->verb) {
    case LOAD_SAY:
    case LOAD_WHISPER:
        load_words(&p->random, out->text);
        break;
    case LOAD_REACT:
        (void)snprintf(out->text, sizeof out->text, "%s", reactions[load_random(&p->random) % 4]);
        break;
    case LOAD_POLL:
        (void)snprintf(out->text, sizeof out->text, "Question %u?", s->done + 1);
        break;
    case LOAD_VOTE:
        out->number = (uint32_t)(load_random(&p->random) % LOAD_OPTIONS);
        break;
    case LOAD_HAND:
        out->number = 1 - s->done % 2;
        break;
    case LOAD_POINT:
        draw(s->done, out);
        break;
    }
}

bool load_profile_next(load_profile *p, load_action *out)
{
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
    fill(p, next, out);
    next->done++;
    next->next_us += gap_us(p, next);
    return true;
}
