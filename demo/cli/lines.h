/*
 * Standard input, line by line, without waiting for it: a thread reads, and a cli_wait ends when
 * there is a line.
 */
#ifndef DEMO_CLI_LINES_H
#define DEMO_CLI_LINES_H

#include <stdbool.h>

#define LINE_MAX_BYTES 16384 /* a longer line is cut off */

enum line_state { LINE_NONE = 1, LINE_READY, LINE_END };

bool lines_start(void); /* false: no thread to be had */
/* The next line without its end, cut off where it is too long (`*whole` false). */
enum line_state lines_take(char out[LINE_MAX_BYTES], bool *whole);

#endif
