/* A playback's figures as people read them: what came in the last second, and in all. */
#ifndef DEMO_CLASS_FIGURES_H
#define DEMO_CLASS_FIGURES_H

#include "chalkrail/playback.h"
#include "cli/clock.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct figures {
    chalk_playback_stats now;
    uint64_t at_us;              /* cli_now_us of `now` */
    chalk_playback_stats before; /* at the last update */
    uint64_t before_us;
    double fps;         /* shown a second since the update before */
    double kbps;        /* received */
    double cpu_percent; /* of one processor, the whole process */
    cli_meter meter;
} figures;

void figures_start(figures *f);
/* Reads the figures anew. False: the playback is gone, what was read last stands. */
bool figures_read(figures *f, chalk_session *session, chalk_playback_id playback);
/* The same, and what they mean a second since the update before. */
bool figures_update(figures *f, chalk_session *session, chalk_playback_id playback);

/* True when at least one picture was shown or one sample of real sound given. */
bool figures_played(const figures *f);

/* One line. */
void figures_line(const figures *f, char *out, size_t size);
/* Several lines, for the overlay; `state` stands on top. */
void figures_overlay(const figures *f, const char *state, char *out, size_t size);
/* Adds a number with three decimals: nobody reads more. */
void figures_json_number(cJSON *object, const char *name, double value);
/* Adds all of them to an object of JSON. */
void figures_json(const figures *f, cJSON *object);

#endif
