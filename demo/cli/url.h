/* URLs as a command takes and shows them. */
#ifndef DEMO_CLI_URL_H
#define DEMO_CLI_URL_H

#include "cli/options.h"

/* Room for any URL that is shown; longer ones are cut. */
#define CLI_URL_TEXT_MAX 512

/* A URL fit to be shown: the values of its query, a password, and a stream key (a last part of the
 * path of 16 bytes or more, as public services give out) are replaced by "***". Works on any text
 * that holds "token=" as well. Returns `out`. */
const char *cli_url_shown(const char *url, char *out, size_t out_size);

/* True when the URL has one of the schemes ("rtmp", "rtmps", ...; ends with NULL), a host and,
 * where it has a port, one in 1..65535. Otherwise explains what is wrong, with the nearest scheme
 * for a typing error, and returns false: the command ends with CLI_USAGE. */
bool cli_url_check(const cli_spec *spec, const char *url, const char *const *schemes);

/* The same check; says in `why` what is wrong. */
bool cli_url_valid(const char *url, const char *const *schemes, char *why, size_t why_size);

#endif
