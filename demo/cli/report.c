#include "cli/report.h"

#include "cli/clock.h"
#include "cli/options.h"
#include "cli/stop.h"
#include "cli/url.h"

#include "chalkrail/runtime.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

void cli_report_init(cli_report *r, const char *command, bool json, bool verbose)
{
    *r = (cli_report){.command = command, .json = json, .verbose = verbose};
    r->tty = !json && isatty(STDOUT_FILENO) == 1;
    r->began_us = cli_now_us();
    (void)pthread_mutex_init(&r->lock, NULL); /* never fails on a system with futexes */
}

static atomic_int output_error;

int cli_output_error(void)
{
    int error = fflush(stdout) != 0 ? errno : ferror(stdout) ? EIO : 0;
    int none = 0;
    if (error != 0) {
        (void)atomic_compare_exchange_strong(&output_error, &none, error); /* the first one tells */
    }
    return atomic_load(&output_error);
}

/* With the lock held. What nobody can be told any more is not worth going on for. */
static void flush_out(void)
{
    if (cli_output_error() != 0) {
        cli_interrupt();
    }
}

/* With the lock held: leaves the live line as it is and begins a new one. */
static void end_live(cli_report *r)
{
    if (r->live_shown) {
        (void)fputc('\n', stdout);
        flush_out();
        r->live_shown = false;
    }
}

void cli_report_end(cli_report *r)
{
    pthread_mutex_lock(&r->lock);
    end_live(r);
    pthread_mutex_unlock(&r->lock);
}

void cli_say(cli_report *r, const char *format, ...)
{
    if (r->json) {
        return;
    }
    va_list list;
    va_start(list, format);
    pthread_mutex_lock(&r->lock);
    end_live(r);
    (void)vfprintf(stdout, format, list);
    (void)fputc('\n', stdout);
    flush_out();
    pthread_mutex_unlock(&r->lock);
    va_end(list);
}

void cli_live(cli_report *r, const char *format, ...)
{
    if (r->json) {
        return;
    }
    va_list list;
    va_start(list, format);
    pthread_mutex_lock(&r->lock);
    if (r->tty) {
        (void)fputs("\r\033[K", stdout); /* to the start of the line, and clear it */
    }
    (void)vfprintf(stdout, format, list);
    if (!r->tty) {
        (void)fputc('\n', stdout);
    }
    r->live_shown = r->tty;
    flush_out();
    pthread_mutex_unlock(&r->lock);
    va_end(list);
}

static void print_error(cli_report *r, const char *format, va_list list)
{
    pthread_mutex_lock(&r->lock);
    end_live(r);
    (void)fprintf(stderr, "chalkrail %s: ", r->command);
    (void)vfprintf(stderr, format, list);
    (void)fputc('\n', stderr);
    pthread_mutex_unlock(&r->lock);
}

void cli_warn(cli_report *r, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    print_error(r, format, list);
    va_end(list);
}

int cli_fail(cli_report *r, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    print_error(r, format, list);
    va_end(list);
    return CLI_FAILED;
}

int cli_fail_status(cli_report *r, int status, const char *what)
{
    const char *advice = chalk_error_advice(status);
    r->status = status;
    return cli_fail(r, "%s: %s (%s)%s%s", what, chalk_error_text(status), chalk_error_name(status),
                    advice[0] != '\0' ? "; " : "", advice);
}

cJSON *cli_json(cli_report *r, const char *type)
{
    cJSON *object = cJSON_CreateObject();
    uint64_t milliseconds = (cli_now_us() - r->began_us) / 1000;
    if (cJSON_AddStringToObject(object, "type", type) == NULL ||
        cJSON_AddNumberToObject(object, "time_s", (double)milliseconds / 1000) == NULL) {
        cJSON_Delete(object);
        return NULL;
    }
    return object;
}

void cli_json_u64(cJSON *object, const char *name, uint64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, value);
    cJSON_AddRawToObject(object, name, digits);
}

double cli_tenths(double value)
{
    return (double)(int64_t)(value * 10 + (value < 0 ? -0.5 : 0.5)) / 10;
}

void cli_json_line(cli_report *r, cJSON *object)
{
    char *text = r->json && object != NULL ? cJSON_PrintUnformatted(object) : NULL;
    if (text != NULL) {
        pthread_mutex_lock(&r->lock);
        (void)puts(text);
        flush_out();
        pthread_mutex_unlock(&r->lock);
    }
    cJSON_free(text);
    cJSON_Delete(object);
}

void cli_log(void *user, int level, const char *module, const char *text)
{
    static const char *const names[] = {"", "error", "warning", "info", "debug"};
    cli_report *r = user;
    char shown[1024];
    const char *name = level >= 1 && level <= CHALK_LOG_DEBUG ? names[level] : "?";
    pthread_mutex_lock(&r->lock);
    end_live(r);
    (void)fprintf(stderr, "%s %s: %s\n", name, module, cli_url_shown(text, shown, sizeof shown));
    pthread_mutex_unlock(&r->lock);
}

void cli_summary_of_nothing(cli_report *r, int code, const char *ended_by)
{
    cJSON *line = r->json ? cli_json(r, "summary") : NULL;
    if (line != NULL) {
        cJSON_AddBoolToObject(line, "ok", false);
        cJSON_AddNumberToObject(line, "exit_code", code);
        cJSON_AddStringToObject(line, "ended_by", ended_by);
    }
    if (line != NULL && r->status < 0) {
        cJSON_AddStringToObject(line, "cause", chalk_error_name(r->status));
    }
    cli_json_line(r, line);
}
