/* The key with which tokens are signed, from a file. */
#ifndef DEMO_CLI_SECRET_H
#define DEMO_CLI_SECRET_H

#include "chalkrail/edge.h"
#include "cli/report.h"

typedef struct cli_secret {
    size_t size;
    char bytes[CHALK_SECRET_MAX + 2]; /* one line end too many is still read, to be cut off */
} cli_secret;

/* Reads a key, without the line end behind it. Warns when other users may read the file. False:
 * the reason was told. */
bool cli_secret_read(cli_report *r, const char *path, cli_secret *out);
/* Leaves nothing of it in memory. */
void cli_secret_wipe(cli_secret *secret);

#endif
