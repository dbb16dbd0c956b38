/* chalkrail edge: runs the embedded edge until it is told to stop. */
#include "chalkrail/edge.h"
#include "cli/address.h"
#include "cli/clock.h"
#include "cli/files.h"
#include "cli/secret.h"
#include "cli/stop.h"
#include "commands.h"

#define OTHER_FILES 64u /* descriptors that are no connection */

typedef struct edge_options {
    const char *rtmp;
    const char *http;
    const char *secret;
    const char *tls_cert;
    const char *tls_key;
    const char *data;
    uint32_t data_keep;
    uint32_t rooms_max;
    uint32_t connections_max;
    uint32_t crowd_per_s;
    bool keep_first_login;
    bool open;
    bool json;
    bool verbose;
} edge_options;

static const cli_option options[] = {
    {.name = "rtmp",
     .value = "ADDR:PORT",
     .kind = CLI_TEXT,
     .offset = offsetof(edge_options, rtmp),
     .help = "take and give streams by RTMP; default 127.0.0.1:1935, port 0 is any free one"},
    {.name = "http",
     .value = "ADDR:PORT",
     .kind = CLI_TEXT,
     .offset = offsetof(edge_options, http),
     .help = "HTTP-FLV, rooms, status page, /metrics; default 127.0.0.1:8935"},
    {.name = "secret",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(edge_options, secret),
     .group = "access",
     .help = "ask for tokens signed with this file's content (16 bytes or more)"},
    {.name = "open",
     .kind = CLI_FLAG,
     .offset = offsetof(edge_options, open),
     .group = "access",
     .help = "ask for no tokens; on loopback addresses alone"},
    {.name = "tls-cert",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(edge_options, tls_cert),
     .help = "speak TLS on both ports (rtmps, https, wss), with this certificate and chain (PEM)"},
    {.name = "tls-key",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(edge_options, tls_key),
     .help = "its key (PEM)"},
    {.name = "data",
     .value = "DIR",
     .kind = CLI_TEXT,
     .offset = offsetof(edge_options, data),
     .help = "keep rooms in this folder; without it they are gone when the edge is"},
    {.name = "data-keep",
     .value = "DAYS",
     .kind = CLI_NUMBER,
     .offset = offsetof(edge_options, data_keep),
     .min = 1,
     .max = 36500,
     .help = "remove a room there in which nothing happened for so long; default: never"},
    {.name = "rooms-max",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(edge_options, rooms_max),
     .min = 1,
     .max = 16000,
     .help = "rooms with somebody in them; default 1024"},
    {.name = "connections-max",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(edge_options, connections_max),
     .min = 1,
     .max = 1000000,
     .help = "connections of both ports; default 4096"},
    {.name = "crowd-per-s",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(edge_options, crowd_per_s),
     .min = 1,
     .max = 1000,
     .help = "messages of a large room's students shown to all a second; default 10"},
    {.name = "keep-first-login",
     .kind = CLI_FLAG,
     .offset = offsetof(edge_options, keep_first_login),
     .help = "refuse a second login of a participant to a room; without it the newest stays"},
    CLI_JSON(edge_options, json),
    CLI_VERBOSE(edge_options, verbose),
    {0},
};

static const char *const examples[] = {
    "# for trying things out on one machine",
    "edge --open",
    "# for a class; make the secret with: (umask 077; openssl rand -hex 32 > class.secret)",
    "edge --rtmp 0.0.0.0:1935 --http 0.0.0.0:8935 --secret class.secret --data rooms",
    NULL,
};

const cli_spec cmd_edge_spec = {
    .name = "edge",
    .summary = "take streams and give them out to a class",
    .about = "Takes streams by RTMP, gives them out by RTMP and HTTP-FLV, and has a room for each\n"
             "class (ws://ADDR:PORT/rooms/ROOM). When it accepts, it prints one line:\n"
             "ready rtmp ADDR:PORT http ADDR:PORT. Ctrl-C stops it.",
    .options = options,
    .examples = examples,
};

/* What was asked for, checked. */
typedef struct edge_plan {
    cli_address rtmp;
    cli_address http;
    bool open;
    bool tls;
} edge_plan;

static bool plan_access(const edge_options *o, edge_plan *plan)
{
    plan->open = o->open;
    plan->tls = o->tls_cert != NULL;
    if (plan->tls != (o->tls_key != NULL)) {
        (void)cli_wrong(&cmd_edge_spec, "--tls-cert and --tls-key go together");
        return false;
    }
    if (!o->open && o->secret == NULL) {
        (void)cli_wrong(&cmd_edge_spec,
                        "who may come in? --secret FILE asks for tokens, --open lets everybody on "
                        "this machine in");
        return false;
    }
    if (o->data_keep != 0 && o->data == NULL) {
        (void)cli_wrong(&cmd_edge_spec, "--data-keep is of rooms in a folder: name it with --data");
        return false;
    }
    if (o->open && (!plan->rtmp.loopback || !plan->http.loopback)) {
        (void)cli_wrong(&cmd_edge_spec, "--open is for loopback addresses alone (127.0.0.1, [::1], "
                                        "localhost); use --secret FILE for others");
        return false;
    }
    return true;
}

static bool make_plan(const edge_options *o, edge_plan *plan)
{
    const char *texts[] = {o->rtmp, o->http};
    cli_address *addresses[] = {&plan->rtmp, &plan->http};
    for (size_t i = 0; i < 2; i++) {
        if (!cli_address_parse(texts[i], addresses[i])) {
            (void)cli_wrong(&cmd_edge_spec,
                            "--%s wants ADDRESS:PORT, such as 0.0.0.0:1935 or [::1]:0, not \"%s\"",
                            i == 0 ? "rtmp" : "http", texts[i]);
            return false;
        }
    }
    return plan_access(o, plan);
}

/* What does not fit into the system's limit would be refused in the middle of a class. */
static bool raise_files(cli_report *r, const edge_options *o)
{
    uint64_t files = cli_raise_files();
    if (o->connections_max != 0 && files < o->connections_max + OTHER_FILES) {
        (void)cli_fail(r,
                       "%u connections need %u descriptors, and this system gives a process %llu; "
                       "raise `ulimit -n`",
                       o->connections_max, o->connections_max + OTHER_FILES,
                       (unsigned long long)files);
        return false;
    }
    return true;
}

static void tell_ready(cli_report *r, const edge_plan *plan)
{
    const cli_address *rtmp = &plan->rtmp, *http = &plan->http;
    if (r->json) {
        char text[CLI_HOST_MAX + 8];
        cJSON *line = cli_json(r, "ready");
        (void)snprintf(text, sizeof text, "%s:%u", rtmp->host, rtmp->port);
        cJSON_AddStringToObject(line, "rtmp", text);
        (void)snprintf(text, sizeof text, "%s:%u", http->host, http->port);
        cJSON_AddStringToObject(line, "http", text);
        cJSON_AddBoolToObject(line, "tls", plan->tls);
        cli_json_line(r, line);
        return;
    }
    cli_say(r, "ready rtmp %s:%u http %s:%u", rtmp->host, rtmp->port, http->host, http->port);
    const char *query = plan->open ? "" : "?token=TOKEN";
    const char *s = plan->tls ? "s" : "";
    const char *rtmp_host = rtmp->any ? "HOST" : rtmp->host;
    const char *http_host = http->any ? "HOST" : http->host;
    (void)fprintf(stderr,
                  "OBS, Settings, Stream, Custom:\n"
                  "  Server      rtmp%s://%s:%u/ROOM\n"
                  "  Stream key  NAME/screen%s\n"
                  "Share:   chalkrail publish 'rtmp%s://%s:%u/ROOM/NAME/screen%s'\n"
                  "Watch:   chalkrail play 'http%s://%s:%u/ROOM/NAME/screen.flv%s'\n",
                  s, rtmp_host, rtmp->port, query, s, rtmp_host, rtmp->port, query, s, http_host,
                  http->port, query);
    if (!plan->open) {
        (void)fprintf(stderr, "Token:   chalkrail token --secret FILE --room ROOM --name NAME "
                              "--role teacher\n");
    }
    (void)fprintf(stderr, "Status:  http%s://%s:%u/\nCtrl-C stops it.\n", s, http_host, http->port);
}

static void add_stats_json(cJSON *line, const chalk_edge_stats *s)
{
    cJSON_AddNumberToObject(line, "connections", s->connections);
    cJSON_AddNumberToObject(line, "publishers", s->publishers);
    cJSON_AddNumberToObject(line, "players", s->players);
    cJSON_AddNumberToObject(line, "bytes_received", (double)s->bytes_received);
    cJSON_AddNumberToObject(line, "bytes_sent", (double)s->bytes_sent);
    cJSON_AddNumberToObject(line, "frames_dropped", (double)s->frames_dropped);
    cJSON_AddNumberToObject(line, "readers_closed", (double)s->readers_closed);
    cJSON_AddNumberToObject(line, "refused", (double)s->refused);
    cJSON_AddNumberToObject(line, "memory_bytes", (double)s->memory_bytes);
    cJSON_AddNumberToObject(line, "rooms", s->rooms);
    cJSON_AddNumberToObject(line, "people", s->people);
}

/* `before` are the figures of one second ago, or of the start for the summary. */
static void tell_figures(cli_report *r, const char *type, const chalk_edge_stats *s,
                         const chalk_edge_stats *before, double seconds, double cpu_percent)
{
    double in_kbps = (double)(s->bytes_received - before->bytes_received) * 8 / 1000 / seconds;
    double out_kbps = (double)(s->bytes_sent - before->bytes_sent) * 8 / 1000 / seconds;
    if (r->tty) {
        cli_live(r, "%u publishing, %u playing, in %.0f kbit/s, out %.0f kbit/s, CPU %.1f %%",
                 s->publishers, s->players, in_kbps, out_kbps, cpu_percent);
    }
    if (r->json) {
        cJSON *line = cli_json(r, type);
        add_stats_json(line, s);
        cJSON_AddNumberToObject(line, "in_kbps", cli_tenths(in_kbps));
        cJSON_AddNumberToObject(line, "out_kbps", cli_tenths(out_kbps));
        cJSON_AddNumberToObject(line, "cpu_percent", cli_tenths(cpu_percent));
        cli_json_line(r, line);
    }
}

static void run_until_interrupted(cli_report *r, chalk_edge *edge)
{
    chalk_edge_stats now = {.struct_size = sizeof now}, before = now, none = now;
    cli_meter meter, whole;
    cli_meter_start(&meter);
    whole = meter;
    uint64_t next_us = meter.wall_us + 1000000;
    while (!cli_interrupted()) {
        uint64_t now_us = cli_now_us();
        if (now_us < next_us) {
            cli_wait((uint32_t)((next_us - now_us + 999) / 1000));
            continue;
        }
        next_us += 1000000;
        double seconds = (double)(now_us - meter.wall_us) / 1e6;
        (void)chalk_edge_get_stats(edge, &now); /* fails for a struct without its size alone */
        tell_figures(r, "stats", &now, &before, seconds, cli_meter_percent(&meter));
        before = now;
    }
    (void)chalk_edge_get_stats(edge, &now);
    double seconds = (double)(cli_now_us() - whole.wall_us) / 1e6;
    tell_figures(r, "summary", &now, &none, seconds > 0 ? seconds : 1, cli_meter_percent(&whole));
}

/* Errors of the folder say what to do with it; the general advice speaks of objects and devices. */
static int fail_on_data(cli_report *r, int status, const char *data)
{
    r->status = status;
    switch (status) {
    case CHALK_ERR_DEVICE_BUSY:
        return cli_fail(r,
                        "another edge keeps its rooms in %s (DEVICE_BUSY); stop it, or name "
                        "another folder with --data",
                        data);
    case CHALK_ERR_NOT_FOUND:
        return cli_fail(r,
                        "the folder %s is not there and cannot be made (NOT_FOUND); make it, or "
                        "name another with --data",
                        data);
    case CHALK_ERR_NO_PERMISSION:
        return cli_fail(r,
                        "the folder %s may not be written (NO_PERMISSION); allow it, or name "
                        "another with --data",
                        data);
    default:
        return CLI_DONE;
    }
}

static int tell_failure(cli_report *r, const edge_options *o, int status)
{
    char what[512];
    bool of_data = o->data != NULL && status != CHALK_ERR_ADDRESS_IN_USE;
    if (status == CHALK_ERR_TLS) {
        return cli_fail(r, "cannot use the certificate %s with the key %s", o->tls_cert,
                        o->tls_key);
    }
    int code = of_data ? fail_on_data(r, status, o->data) : CLI_DONE;
    if (code != CLI_DONE) {
        return code;
    }
    (void)snprintf(what, sizeof what,
                   of_data ? "cannot begin on %s and %s with rooms in %s"
                           : "cannot listen on %s and %s",
                   o->rtmp, o->http, of_data ? o->data : "");
    return cli_fail_status(r, status, what);
}

static int create_edge(cli_report *r, const edge_options *o, const cli_secret *secret,
                       chalk_edge **edge)
{
    chalk_edge_options wanted;
    chalk_edge_options_init(&wanted);
    wanted.rtmp = o->rtmp;
    wanted.http = o->http;
    wanted.open = o->open;
    wanted.secret = secret->bytes;
    wanted.secret_size = secret->size;
    wanted.tls_cert = o->tls_cert;
    wanted.tls_key = o->tls_key;
    wanted.data = o->data;
    wanted.data_keep_days = o->data_keep;
    wanted.rooms_max = o->rooms_max;
    wanted.connections_max = o->connections_max;
    wanted.crowd_per_s = o->crowd_per_s;
    wanted.keep_first_login = o->keep_first_login;
    wanted.log = cli_log;
    wanted.log_user = r;
    wanted.log_level = o->verbose ? 4 : 2;
    int status = chalk_edge_create(&wanted, edge);
    return status < 0 ? tell_failure(r, o, status) : CLI_DONE;
}

int cmd_edge(int argc, char **argv)
{
    edge_options o = {.rtmp = "127.0.0.1:1935", .http = "127.0.0.1:8935"};
    edge_plan plan;
    int code = CLI_DONE;
    if (!cli_parse(&cmd_edge_spec, argc, argv, &o, &code)) {
        return code;
    }
    if (!make_plan(&o, &plan)) {
        return CLI_USAGE;
    }
    cli_report report;
    cli_secret secret = {0};
    cli_report_init(&report, "edge", o.json, o.verbose);
    if (!raise_files(&report, &o) ||
        (o.secret != NULL && !cli_secret_read(&report, o.secret, &secret))) {
        cli_summary_of_nothing(&report, CLI_FAILED, "error");
        return CLI_FAILED;
    }
    chalk_edge *edge = NULL;
    code = create_edge(&report, &o, &secret, &edge);
    cli_secret_wipe(&secret);
    if (code == CLI_DONE) {
        plan.rtmp.port = (uint16_t)chalk_edge_rtmp_port(edge);
        plan.http.port = (uint16_t)chalk_edge_http_port(edge);
        tell_ready(&report, &plan);
        run_until_interrupted(&report, edge);
        chalk_edge_destroy(&edge);
        cli_report_end(&report);
    } else {
        cli_summary_of_nothing(&report, CLI_FAILED, "error");
    }
    return code;
}
