#include "cli/session.h"

#include "cli/stop.h"

static int add(chalk_runtime *runtime, cli_report *report, void (*wakeup)(void *user), void *user,
               chalk_session **out)
{
    chalk_session_options options;
    chalk_session_options_init(&options);
    options.wakeup = wakeup;
    options.wakeup_user = user;
    int status = chalk_session_create(runtime, &options, out);
    if (status < 0) {
        cli_fail_status(report, status, "cannot begin a session");
    }
    return status;
}

int cli_session_add(chalk_runtime *runtime, cli_report *report, chalk_session **out)
{
    return add(runtime, report, cli_wake, NULL, out);
}

int cli_session_open_woken(cli_session *s, cli_report *report, void (*wakeup)(void *user),
                           void *user)
{
    *s = (cli_session){0};
    chalk_runtime_options options;
    chalk_runtime_options_init(&options);
    options.log = cli_log;
    options.log_user = report;
    options.log_level = report->verbose ? CHALK_LOG_DEBUG : CHALK_LOG_WARNING;
    int status = chalk_runtime_create(&options, &s->runtime);
    if (status < 0) {
        cli_fail_status(report, status, "cannot start the library");
        return status;
    }
    status = add(s->runtime, report, wakeup, user, &s->session);
    if (status < 0) {
        cli_session_close(s);
    }
    return status;
}

int cli_session_open(cli_session *s, cli_report *report)
{
    return cli_session_open_woken(s, report, cli_wake, NULL);
}

void cli_session_close(cli_session *s)
{
    chalk_session_destroy(&s->session);
    chalk_runtime_destroy(&s->runtime);
}

int cli_session_event(chalk_session *session, chalk_event *event, uint32_t timeout_ms)
{
    int status = chalk_session_next_event(session, event);
    if (status == CHALK_ERR_AGAIN && timeout_ms > 0 && !cli_interrupted()) {
        cli_wait(timeout_ms);
        status = chalk_session_next_event(session, event);
    }
    return status;
}
