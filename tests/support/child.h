/* Programs that a test runs beside itself. They die with the test. */
#ifndef CK_TESTS_CHILD_H
#define CK_TESTS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* Starts argv[0] from PATH with its output thrown away. keep_fd: a descriptor it inherits, or -1.
 * Returns the process id, or -1. */
pid_t ck_child_start(const char *const argv[], int keep_fd);
/* Sends a signal (SIGTERM, SIGKILL) and waits for the end. -1 is accepted. */
void ck_child_end(pid_t *pid, int signal_number);
/* Runs to the end; true when the exit code is 0. */
bool ck_child_run(const char *const argv[]);

#endif
