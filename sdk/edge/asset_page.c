/* /rooms/ROOM/assets/HASH: PUT by who may draw, GET by who may be in the room. */
#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/answer.h"
#include "edge/rooms_inside.h"

#include <string.h>

#define UPLOAD_MS   600000u /* a whole one */
#define OWN_UPLOADS 4u      /* of a participant, at once */

/* What is asked for, and by whom. */
typedef struct asset_ask {
    ck_room_guest guest;
    uint8_t hash[CK_ASSET_HASH];
} asset_ask;

static ck_bytes room_of(const asset_ask *ask)
{
    return ck_bytes_of(ask->guest.room, strlen(ask->guest.room));
}

/* ---- who may ---- */

/* "/rooms/ROOM/assets/HASH"; the head is what a room's own path is. */
static bool read_path(const char *path, char *room_path, size_t size, uint8_t *hash)
{
    static const char middle[] = "/assets/";
    const char *at = path + strcspn(path + 1, "/") + 1; /* behind "/rooms" */
    const char *end = *at == '/' ? at + 1 + strcspn(at + 1, "/") : at;
    ck_text text = ck_text_of(room_path, size);
    ck_text_add_n(&text, path, (size_t)(end - path));
    return !text.cut && ck_text_starts(end, middle) &&
           ck_asset_read_hash(end + sizeof middle - 1, hash);
}

/* 0, or the status that refuses. */
static int read_ask(const ck_rooms *rooms, const ck_httpd_request *request, asset_ask *out,
                    const char **why)
{
    char path[CK_HTTPD_PATH_MAX + 1];
    char token[CHALK_TOKEN_MAX];
    if (!read_path(request->path, path, sizeof path, out->hash)) {
        *why = "no such page";
        return 404;
    }
    ck_find_token(request, token);
    return ck_room_guest_of(&rooms->edge->access, path, request->query, token, ck_wall_s(),
                            &out->guest, why);
}

static const ck_person *person_of(const ck_rooms *rooms, const ck_room_guest *guest,
                                  const ck_room **room)
{
    const ck_room_host *host = ck_rooms_find(rooms, guest->room);
    if (host == NULL || !ck_host_is_open(host)) {
        return NULL;
    }
    *room = ck_sequencer_room(host->sequencer);
    return ck_room_find_name(*room, ck_bytes_of(guest->name, strlen(guest->name)));
}

static int judge(const ck_rooms *rooms, const ck_room_guest *guest, bool draws, const char **why)
{
    const ck_room *room = NULL;
    const ck_person *person = person_of(rooms, guest, &room);
    if (person != NULL && (person->flags & CK_PERSON_BANNED)) {
        *why = "this participant was banned from the room";
        return 403;
    }
    if (draws && person == NULL) {
        *why = "who puts something on the board is in the room";
        return 409;
    }
    if (draws && (ck_room_rights(room, person) & CK_RIGHT_DRAW) == 0) {
        *why = "this participant may not draw";
        return 403;
    }
    return 0;
}

/* ---- uploads ---- */

typedef struct asset_upload {
    ck_rooms *rooms;
    ck_list in_uploads;
    asset_ask ask;
    ck_httpd_reply *reply;
    ck_asset_io *io;
    ck_asset_probe probe;
    uint64_t size;
    bool writing;
    bool whole;      /* all bytes have come */
    bool committing; /* they are being committed */
} asset_upload;

static void answer_upload(asset_upload *u, int status, const char *why)
{
    (void)ck_reply_why(u->rooms->edge, u->reply, status, why); /* the upload is gone */
}

static void answer_failure(asset_upload *u, int failure)
{
    bool full = failure == CHALK_ERR_NO_SPACE;
    bool other = failure == CHALK_ERR_BAD_DATA;
    bool busy = failure == CHALK_ERR_NO_MEMORY || failure == CHALK_ERR_LIMIT;
    answer_upload(u,
                  full    ? 507
                  : other ? 400
                  : busy  ? 503
                          : 500,
                  full    ? "there is no more room for this"
                  : other ? "these are not the bytes of that hash"
                  : busy  ? "too much is going on; come again in a second"
                          : "it could not be kept");
}

static void say_kept(ck_httpd_reply *reply, int status)
{
    (void)ck_httpd_reply_send(reply, status, NULL, "", 0);
}

/* What it is has to be known before all of it has come. */
static int judge_bytes(asset_upload *u, ck_bytes bytes, const char **why)
{
    int status = ck_asset_probe_feed(&u->probe, bytes);
    bool large = status == CHALK_ERR_TOO_LARGE ||
                 (status == 1 && u->size > ck_asset_bytes_max(u->probe.kind));
    if (large) {
        *why = status == 1 ? "a picture has at most 16 MB" : "the picture has too many pixels";
        return 413;
    }
    if (status == CHALK_ERR_UNSUPPORTED) {
        *why = "this is no PNG, JPEG, WebP or PDF that is taken here";
        return 415;
    }
    if (status < 0) {
        *why = "the file is damaged";
        return 400;
    }
    return 0;
}

static void go_on(asset_upload *u)
{
    if (u->writing || !u->whole) {
        return;
    }
    if (u->probe.kind == CK_ASSET_NONE) {
        answer_upload(u, 400, "the file is damaged");
        return;
    }
    int status = ck_asset_commit(u->io, u->probe.kind);
    u->writing = u->committing = true;
    if (status < 0) {
        answer_failure(u, status);
    }
}

/* A step is done: a piece is written, or at last all of it is committed. */
static void on_written(void *user, int status, ck_slice *none)
{
    asset_upload *u = user;
    ck_edge *edge = u->rooms->edge;
    (void)none;
    u->writing = false;
    if (status < 0) {
        answer_failure(u, status);
    } else if (u->committing) {
        say_kept(u->reply, 201);
    } else {
        ck_httpd_upload_resume(u->reply);
        go_on(u);
    }
    ck_edge_settle(edge);
}

static void on_piece(void *user, const uint8_t *data, size_t size)
{
    asset_upload *u = user;
    const char *why = NULL;
    u->rooms->edge->bytes_received += size;
    int refusal = judge_bytes(u, ck_bytes_of(data, size), &why);
    if (refusal != 0) {
        answer_upload(u, refusal, why);
        return;
    }
    int status = ck_asset_write(u->io, data, size);
    if (status < 0) {
        answer_failure(u, status);
        return;
    }
    u->writing = true;
    ck_httpd_upload_pause(u->reply);
}

static void on_whole(void *user)
{
    asset_upload *u = user;
    u->whole = true;
    go_on(u);
}

static void on_upload_ended(void *user)
{
    asset_upload *u = user;
    ck_asset_close(&u->io);
    ck_list_remove(&u->in_uploads);
    ck_free(u->rooms->alloc, u);
}

static uint32_t own_uploads(const ck_rooms *rooms, const ck_room_guest *guest)
{
    uint32_t count = 0;
    for (const ck_list *at = rooms->uploads.next; at != &rooms->uploads; at = at->next) {
        const asset_upload *u = CK_LIST_OWNER(at, asset_upload, in_uploads);
        count += strcmp(u->ask.guest.room, guest->room) == 0 &&
                 strcmp(u->ask.guest.name, guest->name) == 0;
    }
    return count;
}

static int open_upload(ck_rooms *rooms, const asset_ask *ask, ck_httpd_reply *reply, uint64_t size,
                       asset_upload **out)
{
    asset_upload *u = ck_new(rooms->alloc, sizeof *u);
    if (u == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    *u = (asset_upload){.rooms = rooms, .ask = *ask, .reply = reply, .size = size};
    ck_asset_probe_init(&u->probe);
    int status =
        ck_asset_upload(rooms->assets, room_of(ask), ask->hash, size, on_written, u, &u->io);
    if (status < 0) {
        ck_free(rooms->alloc, u);
        return status;
    }
    ck_list_append(&rooms->uploads, &u->in_uploads);
    *out = u;
    return CHALK_OK;
}

static int judge_upload(ck_rooms *rooms, const ck_httpd_request *request, uint64_t size,
                        asset_ask *ask, const char **why)
{
    if (ck_is_foreign_page(rooms->edge, request)) {
        *why = "this server is for pages of its own machine";
        return 403;
    }
    int refusal = read_ask(rooms, request, ask, why);
    if (refusal == 0) {
        refusal = judge(rooms, &ask->guest, true, why);
    }
    if (refusal == 0 && (size == 0 || size > CK_ASSET_DECK_MAX)) {
        *why = size == 0 ? "the file is empty" : "a file has at most 64 MB, a picture 16 MB";
        refusal = size == 0 ? 400 : 413;
    }
    if (refusal == 0 && own_uploads(rooms, &ask->guest) >= OWN_UPLOADS) {
        *why = "this participant uploads too much at once";
        refusal = 429;
    }
    return refusal;
}

static int on_upload(void *user, const ck_httpd_request *request, ck_httpd_reply *reply,
                     uint64_t size, void **upload_user)
{
    ck_rooms *rooms = user;
    asset_ask ask;
    asset_upload *upload = NULL;
    enum ck_asset_kind kind;
    uint64_t there;
    const char *why = "";
    if (ck_is_misdirected(rooms->edge, request, reply)) {
        return 421;
    }
    ck_allow_origin(rooms->edge, request, reply);
    int refusal = judge_upload(rooms, request, size, &ask, &why);
    if (refusal != 0) {
        return ck_reply_why(rooms->edge, reply, refusal, why);
    }
    if (ck_assets_find(rooms->assets, room_of(&ask), ask.hash, &kind, &there)) {
        say_kept(reply, 200);
        return 200;
    }
    int status = open_upload(rooms, &ask, reply, size, &upload);
    if (status < 0) {
        bool full = status == CHALK_ERR_NO_SPACE;
        return ck_reply_why(rooms->edge, reply, full ? 507 : 503,
                            full ? "there is no more room for this"
                                 : "too many uploads at once; come again in a second");
    }
    *upload_user = upload;
    return 0;
}

/* ---- downloads ---- */

typedef struct asset_reader {
    ck_rooms *rooms;
    ck_httpd_reply *reply;
    ck_asset_io *io;
} asset_reader;

static void on_more(void *user)
{
    asset_reader *r = user;
    if (ck_asset_next(r->io) < 0) {
        ck_httpd_reply_cut(r->reply);
    }
}

static void on_read(void *user, int status, ck_slice *piece)
{
    asset_reader *r = user;
    ck_edge *edge = r->rooms->edge;
    if (status < 0) {
        ck_logf(&edge->log, 1, "edge", "an asset cannot be read: %s", chalk_error_text(status));
        ck_httpd_reply_cut(r->reply);
    } else {
        edge->bytes_sent += piece->size;
        (void)ck_httpd_reply_piece(r->reply, piece); /* a failure ends it */
    }
    ck_edge_settle(edge);
}

static void on_reader_ended(void *user)
{
    asset_reader *r = user;
    ck_asset_close(&r->io);
    ck_free(r->rooms->alloc, r);
}

static int open_reader(ck_rooms *rooms, const asset_ask *ask, ck_httpd_reply *reply,
                       asset_reader **out)
{
    asset_reader *r = ck_new(rooms->alloc, sizeof *r);
    if (r == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    *r = (asset_reader){.rooms = rooms, .reply = reply};
    int status = ck_asset_open(rooms->assets, room_of(ask), ask->hash, on_read, r, &r->io);
    if (status < 0) {
        ck_free(rooms->alloc, r);
        return status;
    }
    *out = r;
    return CHALK_OK;
}

/* What is under a hash never changes. It belongs to those of the room: caches that many share keep
 * nothing. A page that is shown from here runs nothing. */
static bool add_headers(const ck_httpd_request *request, ck_httpd_reply *reply, const uint8_t *hash)
{
    char tag[CK_ASSET_HASH_TEXT + 3], known[256];
    ck_text text = ck_text_of(tag, sizeof tag);
    ck_text_add(&text, "\"");
    ck_text_add_hex(&text, hash, CK_ASSET_HASH);
    ck_text_add(&text, "\"");
    (void)ck_httpd_reply_header(reply, "ETag", tag);
    (void)ck_httpd_reply_header(reply, "Cache-Control", "private, max-age=31536000, immutable");
    (void)ck_httpd_reply_header(reply, "X-Content-Type-Options", "nosniff");
    (void)ck_httpd_reply_header(reply, "Referrer-Policy", "no-referrer");
    (void)ck_httpd_reply_header(reply, "Content-Security-Policy", "default-src 'none'; sandbox");
    return ck_httpd_request_header(request, "If-None-Match", known, sizeof known) &&
           (strstr(known, tag) != NULL || strcmp(known, "*") == 0);
}

void ck_asset_page(ck_edge *edge, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    static const ck_httpd_later later = {.more = on_more, .ended = on_reader_ended};
    ck_rooms *rooms = edge->rooms;
    asset_ask ask;
    asset_reader *reader = NULL;
    enum ck_asset_kind kind = CK_ASSET_NONE;
    uint64_t size = 0;
    const char *why = "";
    int refusal = read_ask(rooms, request, &ask, &why);
    if (refusal == 0) {
        refusal = judge(rooms, &ask.guest, false, &why);
    }
    if (refusal == 0 && !ck_assets_find(rooms->assets, room_of(&ask), ask.hash, &kind, &size)) {
        why = "the room has no such file";
        refusal = 404;
    }
    int status = refusal == 0 ? open_reader(rooms, &ask, reply, &reader) : CHALK_OK;
    if (status < 0) {
        why = "too many read at once; come again in a second";
        refusal = 503;
    }
    if (refusal != 0) {
        (void)ck_reply_why(rooms->edge, reply, refusal, why);
        return;
    }
    bool known = add_headers(request, reply, ask.hash);
    (void)ck_httpd_reply_defer(reply, &later, reader);
    (void)ck_httpd_reply_begin(reply, known ? 304 : 200, ck_asset_type(kind), size);
}

/* ---- what a browser asks before a PUT of another site's page ---- */

static void on_options(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    const ck_rooms *rooms = user;
    ck_allow_origin(rooms->edge, request, reply);
    (void)ck_httpd_reply_header(reply, "Access-Control-Allow-Methods", "GET, PUT");
    (void)ck_httpd_reply_header(reply, "Access-Control-Allow-Headers",
                                "Authorization, Content-Type");
    (void)ck_httpd_reply_header(reply, "Access-Control-Max-Age", "600");
    (void)ck_httpd_reply_send(reply, 204, NULL, "", 0);
}

int ck_asset_page_install(ck_rooms *rooms)
{
    static const ck_httpd_upload_events events = {
        .begin = on_upload,
        .data = on_piece,
        .whole = on_whole,
        .later = {.ended = on_upload_ended},
    };
    int status = ck_httpd_upload(rooms->edge->httpd, "/rooms/*", UPLOAD_MS, &events, rooms);
    if (status == CHALK_OK) {
        status = ck_httpd_route(rooms->edge->httpd, "OPTIONS", "/rooms/*", on_options, rooms);
    }
    return status;
}
