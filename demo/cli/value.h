/* One option's value: from text to the field, and what to say when it cannot be. */
#ifndef DEMO_CLI_VALUE_H
#define DEMO_CLI_VALUE_H

#include "cli/options.h"

/* Writes the value to the option's field. False: `why` says what it should have been. */
bool cli_value_set(const cli_option *option, const char *text, void *fields, char *why,
                   size_t why_size);

/* "90s", "2h" or "200ms", the shortest that is exact. */
void cli_duration_shown(uint64_t ms, char *out, size_t out_size);

#endif
