/* Private to verbs*.c: tables of commands, and the words of a line. */
#ifndef DEMO_ROOM_VERBS_H
#define DEMO_ROOM_VERBS_H

#include "room/room.h"

/* A table of them ends with a NULL name. */
typedef struct verb {
    const char *name;
    const char *takes; /* for the help */
    const char *help;
    int (*run)(room_client *c, char *rest, chalk_intent_id *intent); /* a status */
    uint32_t text_max; /* bytes; 0: CHALK_ROOM_TEXT_MAX */
} verb;

extern const verb verbs_talk[];
extern const verb verbs_class[];

/* Cuts the first word off; "" at the end. */
char *verb_word(char **rest);
bool verb_number(const char *text, uint64_t max, uint64_t *out);
bool verb_number_or_none(const char *text, uint64_t max, uint64_t *out); /* "": 0 */
/* The index of a word in a list that ends with NULL; -1: it is none of them. */
int verb_choice(const char *text, const char *const *names);
int verb_on_or_off(const char *text); /* "" and "on": 1, "off": 0; -1: neither */

#endif
