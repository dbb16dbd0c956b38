/*
 * What the people of a room do, and when: a function of the profile, the seed and the size of the
 * room alone, so that every run, and every process of one, has the same class.
 *
 *     load_profile p;
 *     load_profile_init(&p, &config);
 *     for (load_action a; load_profile_next(&p, &a);) ... at a.at_us after the beginning: a.who ...
 *
 * Whoever is below `teachers` is a teacher, the others are students. README.md has the figures of
 * each profile.
 */
#ifndef DEMO_LOAD_PROFILE_H
#define DEMO_LOAD_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

enum load_profile_kind {
    LOAD_LECTURE = 1,
    LOAD_LESSON,
    LOAD_CHAT_FLOOD,
    LOAD_BELL_RUSH,
    LOAD_CLASSROOM10K,
};

enum load_verb {
    LOAD_SAY = 1,
    LOAD_WHISPER, /* to staff */
    LOAD_REACT,
    LOAD_POLL,  /* ends the one before */
    LOAD_VOTE,  /* option `number` of the poll that is open */
    LOAD_HAND,  /* `number` 1: up, 0: down */
    LOAD_POINT, /* point `number` of a drawing, at x, y */
};

#define LOAD_TEXT_MAX 160

typedef struct load_action {
    uint64_t at_us; /* since the beginning; never decreases */
    uint32_t who;
    enum load_verb verb;
    uint32_t number;
    double x, y; /* px of a board */
    char text[LOAD_TEXT_MAX];
} load_action;

typedef struct load_profile_config {
    enum load_profile_kind kind;
    uint64_t seed;
    uint32_t teachers, students; /* of one room */
} load_profile_config;

/* One of the things that go on at once. */
typedef struct load_stream {
    enum load_verb verb;
    bool of_teachers;
    bool regular; /* else at random */
    double per_s; /* 0: never */
    double next_us;
    uint32_t done;
} load_stream;

#define LOAD_STREAMS 8
#define LOAD_OPTIONS 4 /* of a poll */

typedef struct load_profile {
    load_profile_config config;
    uint64_t random;
    load_stream streams[LOAD_STREAMS];
} load_profile;

void load_profile_init(load_profile *p, const load_profile_config *config);
/* False: nobody ever does anything more. */
bool load_profile_next(load_profile *p, load_action *out);

/* What somebody in a class says: often a word, in some languages, else a sentence. */
void load_words(uint64_t *random, char out[LOAD_TEXT_MAX]);
uint64_t load_random(uint64_t *state);    /* splitmix64 */
double load_random_unit(uint64_t *state); /* 0 <= x < 1 */

#endif
