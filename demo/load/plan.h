/* A plan: what a run is to be, in a JSON file. README.md says what may stand in it. */
#ifndef DEMO_LOAD_PLAN_H
#define DEMO_LOAD_PLAN_H

#include "load/load.h"

#define LOAD_PLAN_BYTES 65536

/* Reads the file into the options, which stay valid until load_plan_free. False: `why` says what is
 * wrong with it, and where. */
bool load_plan_read(const char *path, const cli_option *table, load_options *out, char *why,
                    size_t why_size);
void load_plan_free(void);
/* Without phases in a plan there is one: the options' profile, as long as they say. */
void load_plan_complete(load_options *o);

#endif
