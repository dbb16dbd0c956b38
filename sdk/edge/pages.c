/* The pages for people and programs: status, the streams of a room, figures, health. */
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/answer.h"
#include "edge/metrics.h"
#include "edge/page.h"
#include "edge/rooms.h"

#include <string.h>

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
        {",\"since\":", ck_wall_s() - info->age_us / CK_US_PER_S},
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

/* ---- GET /rooms/ROOM... ---- */

/* Cuts "/rooms/ROOM" off and gives what follows; NULL when ROOM is no name. */
static const char *read_room(const char *path, char room[CHALK_NAME_MAX + 1])
{
    static const char prefix[] = "/rooms/";
    const char *start = path + sizeof prefix - 1;
    const size_t size = strcspn(start, "/");
    if (size > CHALK_NAME_MAX) {
        return NULL;
    }
    ck_text out = ck_text_of(room, CHALK_NAME_MAX + 1);
    ck_text_add_n(&out, start, size);
    return ck_name_is_valid(room) ? start + size : NULL;
}

static void answer_streams(ck_edge *edge, const char *room, const ck_httpd_request *request,
                           ck_httpd_reply *reply)
{
    char token[CHALK_TOKEN_MAX];
    ck_access_result access;
    ck_buf page;
    ck_find_token(request, token);
    if (ck_access_play(&edge->access, token, room, ck_wall_s(), &access) < 0) {
        ck_reply_refusal(edge, reply, &access);
        return;
    }
    ck_buf_init(&page, &edge->budget.alloc, CK_PAGE_MAX);
    write_streams(&page, edge, room);
    ck_reply_page(reply, CK_JSON_TYPE, &page);
}

static void on_rooms(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    ck_edge *edge = user;
    char room[CHALK_NAME_MAX + 1];
    /* A student's page may come from another host; its token says what it may see. Pages that are
     * shown to whoever is on this machine have no such header: any site in a browser there would be
     * that. */
    ck_allow_origin(edge, request, reply);
    if (ck_is_misdirected(edge, request, reply)) {
        return;
    }
    const char *rest = read_room(request->path, room);
    if (rest != NULL && strcmp(rest, "/streams") == 0) {
        answer_streams(edge, room, request, reply);
    } else if (rest != NULL && ck_text_starts(rest, "/assets/")) {
        ck_asset_page(edge, request, reply);
    } else if (rest != NULL && rest[0] == '\0') {
        ck_room_page(edge, room, request, reply);
    } else {
        ck_reply_text(reply, 404, "no such page\n");
    }
}

/* ---- GET /metrics and /healthz ---- */

static void on_metrics(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    ck_edge *edge = user;
    ck_access_result access;
    ck_buf page;
    if (ck_is_misdirected(edge, request, reply)) {
        return;
    }
    if (ck_may_oversee(edge, request, &access) < 0) {
        ck_reply_refusal(edge, reply, &access);
        return;
    }
    ck_buf_init(&page, &edge->budget.alloc, CK_PAGE_MAX);
    ck_metrics_write(&page, edge);
    ck_reply_page(reply, "text/plain; version=0.0.4; charset=utf-8", &page);
}

static void on_health(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    const ck_edge *edge = user;
    (void)request;
    ck_reply_text(reply, edge->stopping ? 503 : 200, edge->stopping ? "stopping\n" : "ok\n");
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
    ck_page_put_u64(page, stats.rooms);
    ck_page_put(page, stats.rooms == 1 ? " room with " : " rooms with ");
    ck_page_put_u64(page, stats.people);
    ck_page_put(page, " people, ");
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
    if (ck_is_misdirected(edge, request, reply)) {
        return;
    }
    ck_buf_init(&page, &edge->budget.alloc, CK_PAGE_MAX);
    ck_page_put(&page, page_head);
    if (ck_may_oversee(edge, request, &access) == CHALK_OK) {
        write_status(&page, edge);
    } else {
        ck_page_put(&page, "<p>It runs. What it does is shown on its own machine, or with the "
                           "token of an owner or teacher.</p>");
    }
    ck_page_put(&page, "</body></html>\n");
    (void)ck_httpd_reply_header(reply, "Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'");
    ck_reply_page(reply, "text/html; charset=utf-8", &page);
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
