/* The pages for people and programs: status, the streams of a room, figures, health. */
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/url/url.h"
#include "edge/metrics.h"
#include "edge/page.h"
#include "edge/visitor.h"

#include <string.h>

#define JSON_TYPE "application/json; charset=utf-8"
#define TEXT_TYPE "text/plain; charset=utf-8"

/* ---- replies ---- */

static void add_headers(ck_httpd_reply *reply)
{
    /* A header that does not fit is left out; the answer is right without it. */
    (void)ck_httpd_reply_header(reply, "Cache-Control", "no-store");
    (void)ck_httpd_reply_header(reply, "X-Content-Type-Options", "nosniff");
    (void)ck_httpd_reply_header(reply, "Referrer-Policy", "no-referrer");
}

static void reply_text(ck_httpd_reply *reply, int status, const char *text)
{
    add_headers(reply);
    if (status == 401) {
        (void)ck_httpd_reply_header(reply, "WWW-Authenticate", "Bearer");
    }
    (void)ck_httpd_reply_send(reply, status, TEXT_TYPE, text, strlen(text));
}

/* Sends and frees a page; one that could not be written whole is an error, never half a page. */
static void reply_page(ck_httpd_reply *reply, const char *type, ck_buf *page)
{
    if (ck_buf_status(page) != CHALK_OK) {
        reply_text(reply, 503, "out of memory\n");
    } else {
        add_headers(reply);
        (void)ck_httpd_reply_send(reply, 200, type, page->data, page->size);
    }
    ck_buf_free(page);
}

static void refuse(ck_edge *edge, ck_httpd_reply *reply, const ck_access_result *access)
{
    char text[160];
    ck_text out = ck_text_of(text, sizeof text);
    ck_text_add(&out, access->why);
    ck_text_add(&out, "\n");
    ck_edge_refuse(edge, CHALK_ERR_DENIED);
    reply_text(reply, access->fault == CK_TOKEN_MISSING ? 401 : 403, text);
}

/* ---- who asks ---- */

/* "" when there is none; one that is too long or broken becomes a token that no secret signs. */
static void find_token(const ck_httpd_request *request, char token[CHALK_TOKEN_MAX])
{
    static const char scheme[] = "Bearer ";
    char header[CHALK_TOKEN_MAX + sizeof scheme];
    int status = ck_url_query(request->query, "token", token, CHALK_TOKEN_MAX);
    if (status == CHALK_OK) {
        return;
    }
    ck_text_copy(token, CHALK_TOKEN_MAX, status == CHALK_ERR_NOT_FOUND ? "" : "broken");
    if (status == CHALK_ERR_NOT_FOUND &&
        ck_httpd_request_header(request, "Authorization", header, sizeof header) &&
        ck_text_starts(header, scheme)) {
        ck_text_copy(token, CHALK_TOKEN_MAX, header + sizeof scheme - 1);
    }
}

/* Buffers for headers are as large as a whole request: a value that is cut would count as absent.
 */

static bool asks_this_machine(const ck_httpd_request *request)
{
    char host[CK_HTTPD_HEAD_MAX];
    bool named = ck_httpd_request_header(request, "Host", host, sizeof host);
    return ck_visitor_asks_this_machine(named ? host : NULL);
}

/* An open edge asked under a foreign name. The first request of a connection was looked at before
 * it came here; this may be a later one. */
static bool is_misdirected(ck_edge *edge, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    if (!edge->access.open || asks_this_machine(request)) {
        return false;
    }
    ck_edge_refuse(edge, CHALK_ERR_DENIED);
    reply_text(reply, 421, "this server is for its own machine, under that machine's name\n");
    return true;
}

/* On this machine and under its name, not through a proxy that speaks for somebody else. */
static bool is_local(const ck_httpd_request *request)
{
    ck_address peer;
    char forwarded[CK_HTTPD_HEAD_MAX];
    bool proxied = ck_httpd_request_header(request, "X-Forwarded-For", forwarded, sizeof forwarded);
    return !proxied && asks_this_machine(request) &&
           ck_address_parse(&peer, request->peer) == CHALK_OK && peer.loopback;
}

static uint64_t wall_s(void)
{
    return ck_wall_us() / CK_US_PER_S;
}

static int may_oversee(ck_edge *edge, const ck_httpd_request *request, ck_access_result *access)
{
    char token[CHALK_TOKEN_MAX];
    if (is_local(request)) {
        return CHALK_OK;
    }
    find_token(request, token);
    return ck_access_oversee(&edge->access, token, wall_s(), access);
}

/* ---- GET /rooms/ROOM/streams ---- */

static void put_video(ck_buf *page, const ck_media_video *v)
{
    if (v->codec[0] == '\0') {
        ck_page_put(page, "null");
        return;
    }
    ck_page_put(page, "{\"codec\":");
    ck_page_put_json(page, v->codec);
    ck_page_put(page, ",\"width\":");
    ck_page_put_u64(page, v->width);
    ck_page_put(page, ",\"height\":");
    ck_page_put_u64(page, v->height);
    ck_page_put(page, "}");
}

static void put_audio(ck_buf *page, const ck_media_audio *a)
{
    if (a->codec[0] == '\0') {
        ck_page_put(page, "null");
        return;
    }
    ck_page_put(page, "{\"codec\":");
    ck_page_put_json(page, a->codec);
    ck_page_put(page, ",\"rate_hz\":");
    ck_page_put_u64(page, a->rate_hz);
    ck_page_put(page, ",\"channels\":");
    ck_page_put_u64(page, a->channels);
    ck_page_put(page, "}");
}

static void put_stream(ck_buf *page, const ck_hub_info *info)
{
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {
        {",\"since\":", wall_s() - info->age_us / CK_US_PER_S},
        {",\"silent_ms\":", info->silent_us / CK_US_PER_MS},
        {",\"received_bytes\":", info->received_bytes},
        {",\"kbps\":", info->kbps},
        {",\"players\":", info->readers},
        {",\"gop_ms\":", info->gop_ms},
    };
    ck_page_put(page, "{\"path\":");
    ck_page_put_json(page, info->name->path);
    ck_page_put(page, ",\"name\":");
    ck_page_put_json(page, info->name->name);
    ck_page_put(page, ",\"kind\":");
    ck_page_put_json(page, ck_kind_name(info->name->kind));
    ck_page_put(page, ",\"video\":");
    put_video(page, &info->video);
    ck_page_put(page, ",\"audio\":");
    put_audio(page, &info->audio);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        ck_page_put(page, numbers[i].key);
        ck_page_put_u64(page, numbers[i].value);
    }
    ck_page_put(page, "}");
}

static void write_streams(ck_buf *page, ck_edge *edge, const char *room)
{
    const ck_hub_stream *at = NULL;
    const char *comma = "";
    ck_page_put(page, "{\"room\":");
    ck_page_put_json(page, room);
    ck_page_put(page, ",\"streams\":[");
    while (ck_hub_next_stream(edge->hub, &at)) {
        ck_hub_info info;
        ck_hub_stream_info(at, ck_edge_now(edge), &info);
        if (strcmp(info.name->room, room) == 0) {
            ck_page_put(page, comma);
            put_stream(page, &info);
            comma = ",";
        }
    }
    ck_page_put(page, "]}\n");
}

/* The ROOM of "/rooms/ROOM/streams"; false for any other path. */
static bool read_room(const char *path, char room[CHALK_NAME_MAX + 1])
{
    static const char prefix[] = "/rooms/";
    static const char suffix[] = "/streams";
    const char *start = path + sizeof prefix - 1;
    const char *end = strchr(start, '/');
    if (end == NULL || strcmp(end, suffix) != 0 || end - start > CHALK_NAME_MAX) {
        return false;
    }
    ck_text out = ck_text_of(room, CHALK_NAME_MAX + 1);
    ck_text_add_n(&out, start, (size_t)(end - start));
    return ck_name_is_valid(room);
}

static void allow_origin(const ck_edge *edge, const ck_httpd_request *request,
                         ck_httpd_reply *reply)
{
    char origin[CK_ORIGIN_MAX];
    bool sent = ck_httpd_request_header(request, "Origin", origin, sizeof origin);
    const char *allowed = ck_visitor_allowed_origin(edge->access.open, sent ? origin : NULL);
    if (allowed != NULL) {
        (void)ck_httpd_reply_header(reply, "Access-Control-Allow-Origin", allowed);
    }
}

static void on_rooms(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    ck_edge *edge = user;
    char room[CHALK_NAME_MAX + 1];
    char token[CHALK_TOKEN_MAX];
    ck_access_result access;
    ck_buf page;
    /* A student's page may come from another host; its token says what it may see. Pages that are
     * shown to whoever is on this machine have no such header: any site in a browser there would be
     * that. */
    allow_origin(edge, request, reply);
    if (is_misdirected(edge, request, reply)) {
        return;
    }
    if (!read_room(request->path, room)) {
        reply_text(reply, 404, "no such page\n");
        return;
    }
    find_token(request, token);
    if (ck_access_play(&edge->access, token, room, wall_s(), &access) < 0) {
        refuse(edge, reply, &access);
        return;
    }
    ck_buf_init(&page, &edge->budget.alloc, CK_PAGE_MAX);
    write_streams(&page, edge, room);
    reply_page(reply, JSON_TYPE, &page);
}

/* ---- GET /metrics and /healthz ---- */

static void on_metrics(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    ck_edge *edge = user;
    ck_access_result access;
    ck_buf page;
    if (is_misdirected(edge, request, reply)) {
        return;
    }
    if (may_oversee(edge, request, &access) < 0) {
        refuse(edge, reply, &access);
        return;
    }
    ck_buf_init(&page, &edge->budget.alloc, CK_PAGE_MAX);
    ck_metrics_write(&page, edge);
    reply_page(reply, "text/plain; version=0.0.4; charset=utf-8", &page);
}

static void on_health(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    const ck_edge *edge = user;
    (void)request;
    reply_text(reply, edge->stopping ? 503 : 200, edge->stopping ? "stopping\n" : "ok\n");
}

/* ---- GET / ---- */

static const char page_head[] =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<meta http-equiv=\"refresh\" content=\"5\"><title>Chalkrail edge</title><style>"
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #bbb}"
    "td.n,th.n{text-align:right}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#181818}}"
    "</style></head><body><h1>Chalkrail edge</h1>";

static void put_cell(ck_buf *page, const char *class, const char *text)
{
    ck_page_put(page, "<td");
    ck_page_put(page, class);
    ck_page_put(page, ">");
    ck_page_put_html(page, text);
    ck_page_put(page, "</td>");
}

static void put_number_cell(ck_buf *page, uint64_t value)
{
    char digits[24];
    ck_text text = ck_text_of(digits, sizeof digits);
    ck_text_add_u64(&text, value);
    put_cell(page, " class=\"n\"", digits);
}

static void put_row(ck_buf *page, const ck_hub_info *info)
{
    char size[32];
    ck_text text = ck_text_of(size, sizeof size);
    if (info->video.width > 0) {
        ck_text_add_u64(&text, info->video.width);
        ck_text_add(&text, "\xc3\x97"); /* multiplication sign */
        ck_text_add_u64(&text, info->video.height);
    }
    ck_page_put(page, "<tr>");
    put_cell(page, "", info->name->path);
    put_cell(page, "", info->video.codec);
    put_cell(page, "", size);
    put_cell(page, "", info->audio.codec);
    put_number_cell(page, info->kbps);
    put_number_cell(page, info->readers);
    put_number_cell(page, info->age_us / CK_US_PER_S);
    ck_page_put(page, "</tr>");
}

static void write_status(ck_buf *page, ck_edge *edge)
{
    const ck_hub_stream *at = NULL;
    chalk_edge_stats stats;
    ck_edge_get_figures(edge, &stats);
    ck_page_put(page, "<p>");
    ck_page_put_u64(page, stats.publishers);
    ck_page_put(page, " streams, ");
    ck_page_put_u64(page, stats.players);
    ck_page_put(page, " players, ");
    ck_page_put_u64(page, stats.connections);
    ck_page_put(page, " connections, ");
    ck_page_put_u64(page, stats.memory_bytes / 1024);
    ck_page_put(page, " KB of media kept, ");
    ck_page_put_u64(page, stats.frames_dropped);
    ck_page_put(page, " frames dropped.</p><table><thead><tr><th>stream</th><th>picture</th>"
                      "<th>size</th><th>sound</th><th class=\"n\">kbit/s</th>"
                      "<th class=\"n\">players</th><th class=\"n\">seconds</th></tr></thead>"
                      "<tbody>");
    while (ck_hub_next_stream(edge->hub, &at)) {
        ck_hub_info info;
        ck_hub_stream_info(at, ck_edge_now(edge), &info);
        put_row(page, &info);
    }
    ck_page_put(page, "</tbody></table>");
}

static void on_status(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    ck_edge *edge = user;
    ck_access_result access;
    ck_buf page;
    if (is_misdirected(edge, request, reply)) {
        return;
    }
    ck_buf_init(&page, &edge->budget.alloc, CK_PAGE_MAX);
    ck_page_put(&page, page_head);
    if (may_oversee(edge, request, &access) == CHALK_OK) {
        write_status(&page, edge);
    } else {
        ck_page_put(&page, "<p>It runs. What it does is shown on its own machine, or with the "
                           "token of an owner or teacher.</p>");
    }
    ck_page_put(&page, "</body></html>\n");
    (void)ck_httpd_reply_header(reply, "Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'");
    reply_page(reply, "text/html; charset=utf-8", &page);
}

int ck_pages_install(ck_edge *edge)
{
    static const struct {
        const char *path;
        ck_httpd_handler handler;
    } routes[] = {
        {"/", on_status},
        {"/healthz", on_health},
        {"/metrics", on_metrics},
        {"/rooms/*", on_rooms},
    };
    int status = CHALK_OK;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0] && status == CHALK_OK; i++) {
        status = ck_httpd_route(edge->httpd, "GET", routes[i].path, routes[i].handler, edge);
    }
    return status;
}
