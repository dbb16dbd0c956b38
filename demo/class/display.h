/* A display of our own for a machine without one: an Xvfb that lives as long as this process. */
#ifndef DEMO_CLASS_DISPLAY_H
#define DEMO_CLASS_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct display {
    pid_t pid;     /* 0: not running */
    char name[16]; /* ":99" */
} display;

/* Starts a server on a number that it finds free and waits until it accepts connections; afterwards
 * $DISPLAY names it. Before any other thread of the process is started. False: `why` says in one
 * sentence what to do. */
bool display_start(display *d, int width, int height, char *why, size_t why_size);

/* Ends it; may be called again. Close every connection to it first. */
void display_stop(display *d);

#endif
