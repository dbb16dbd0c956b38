/* Tokens that somebody else's program makes. */
#ifndef DEMO_LOAD_TOKENS_H
#define DEMO_LOAD_TOKENS_H

#include "load/student.h"

#define LOAD_TOKEN_MS 10000 /* for one answer */

/* Starts `sh -c COMMAND`, writes a line "ROOM NAME ROLE" for each participant and reads a line with
 * the token. CHALK_ERR_IO: it could not be started, ended, answered with nothing or not in time;
 * that was told. */
int load_tokens_get(cli_report *report, const char *command, load_student *students,
                    uint32_t count);

#endif
