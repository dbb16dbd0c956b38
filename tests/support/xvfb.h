/* An X server without a screen, for one test. */
#ifndef CK_TESTS_XVFB_H
#define CK_TESTS_XVFB_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct ck_xvfb {
    pid_t pid;
    char display[16]; /* ":99" */
} ck_xvfb;

/* size: "1280x720x24"; without: the name of an extension to leave out, or NULL. On a display number
 * that the server finds free, or on that of `display` when it is not NULL. Returns when the server
 * accepts connections; false when it does not start. */
bool ck_xvfb_start(ck_xvfb *x, const char *size, const char *without, const char *display);
void ck_xvfb_kill(ck_xvfb *x); /* as a crash would: no chance to say goodbye */

#endif
