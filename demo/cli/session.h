/*
 * A runtime and a session as a command uses them: their log goes to standard error (warnings; all
 * of it with --verbose), their wakeup ends cli_wait().
 */
#ifndef DEMO_CLI_SESSION_H
#define DEMO_CLI_SESSION_H

#include "chalkrail/session.h"
#include "cli/report.h"

typedef struct cli_session {
    chalk_runtime *runtime;
    chalk_session *session;
} cli_session;

/* Returns CHALK_OK, or the error after explaining it. The report must outlive the session. */
int cli_session_open(cli_session *s, cli_report *report);
/* The same with a wakeup of one's own, for who does not wait in cli_wait(). */
int cli_session_open_woken(cli_session *s, cli_report *report, void (*wakeup)(void *user),
                           void *user);
/* One more session on a runtime that is there already. Destroy it with chalk_session_destroy. */
int cli_session_add(chalk_runtime *runtime, cli_report *report, chalk_session **out);
/* Ends both; may be called twice, and on one that is all zeros. */
void cli_session_close(cli_session *s);

/* The next event, waiting for at most `timeout_ms`. CHALK_ERR_AGAIN: none came, or the program was
 * asked to stop (cli_interrupted). */
int cli_session_event(chalk_session *session, chalk_event *event, uint32_t timeout_ms);

#endif
