/*
 * How a command ends early: the first SIGINT or SIGTERM asks it to stop, a second one ends the
 * process at once. A reader of standard output that goes away asks it to stop as well.
 */
#ifndef DEMO_CLI_STOP_H
#define DEMO_CLI_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Before any thread is started. Returns false when the system has no descriptors left. */
bool cli_stop_install(void);

/* In a process that this program has forked: a terminal's Ctrl-C comes to it as well as what its
 * parent sends, so no second signal ends it at once. */
bool cli_stop_in_a_child(void);

/* True from the moment the program was asked to stop. */
bool cli_interrupted(void);

/* Asks the program to stop, as a signal does. Any thread. */
void cli_interrupt(void);

/* Lets SIGUSR1 mean something to the command, instead of ending the program. */
bool cli_taps_install(void);

/* True when it came an odd number of times since the last call: it switches something on and off.
 */
bool cli_tapped(void);

/* Waits until cli_wake, a request to stop, or `timeout_ms`. */
void cli_wait(uint32_t timeout_ms);

/* Ends a cli_wait, now or the next one. Any thread; `ignored` makes it fit as
 * chalk_session_options.wakeup. */
void cli_wake(void *ignored);

#endif
