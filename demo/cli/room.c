#include "cli/room.h"

#include "cli/url.h"

#include <string.h>
#include <unistd.h>

#define EDGE_PORT 8935 /* of an edge's rooms, where its stream comes by RTMP */

/* A piece of a text that does not end there. */
typedef struct piece {
    const char *at;
    size_t size;
} piece;

static bool copy(piece from, char *out, size_t size)
{
    bool fits = from.size < size;
    size_t used = fits ? from.size : 0;
    memcpy(out, from.at, used);
    out[used] = '\0';
    return fits;
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* A name as a URL has it; false: too long. */
static bool decode(piece from, char out[CHALK_NAME_MAX + 1])
{
    size_t used = 0;
    for (size_t i = 0; i < from.size && used <= CHALK_NAME_MAX; i++) {
        bool coded = from.at[i] == '%' && i + 2 < from.size && digit(from.at[i + 1]) >= 0 &&
                     digit(from.at[i + 2]) >= 0;
        out[used++] =
            coded ? (char)(digit(from.at[i + 1]) * 16 + digit(from.at[i + 2])) : from.at[i];
        i += coded ? 2 : 0;
    }
    bool fits = used <= CHALK_NAME_MAX;
    out[fits ? used : 0] = '\0';
    return fits;
}

/* Takes the first part off a path that begins with '/'. */
static piece next_part(const char **path)
{
    const char *at = *path + (**path == '/');
    size_t size = strcspn(at, "/?");
    *path = at + size;
    return (piece){at, size};
}

static const char *authority_of(const char *url)
{
    return strstr(url, "://") + 3;
}

static void read_token(const char *url, char out[CLI_ROOM_TEXT_MAX])
{
    const char *at = strchr(url, '?');
    while (at != NULL && strncmp(at + 1, "token=", 6) != 0) {
        at = strchr(at + 1, '&');
    }
    out[0] = '\0';
    if (at != NULL) {
        at += 7;
        (void)copy((piece){at, strcspn(at, "&")}, out, CLI_ROOM_TEXT_MAX);
    }
}

/* "URL" or "URL/rooms/NAME". */
static bool read_edge(const char *url, cli_room_place *out)
{
    const char *rooms = strstr(authority_of(url), "/rooms/");
    piece edge = {url, rooms != NULL ? (size_t)(rooms - url) : strlen(url)};
    if (rooms != NULL) {
        const char *path = rooms + strlen("/rooms");
        if (!decode(next_part(&path), out->room)) {
            return false;
        }
    }
    return copy(edge, out->edge, sizeof out->edge);
}

/* An edge's rooms are where it gives HTTP-FLV; beside RTMP, at their usual port. */
static bool edge_of_stream(const char *stream, cli_room_place *out)
{
    const char *host = authority_of(stream);
    piece authority = {host, strcspn(host, "/?")};
    char plain[CLI_ROOM_TEXT_MAX - 16];
    bool http = strncmp(stream, "http", 4) == 0;
    bool secure = strncmp(stream, "https:", 6) == 0 || strncmp(stream, "rtmps:", 6) == 0;
    if (!http) { /* without its port */
        const char *colon = memchr(host, ']', authority.size);
        colon = colon != NULL ? colon : host;
        colon = memchr(colon, ':', authority.size - (size_t)(colon - host));
        authority.size = colon != NULL ? (size_t)(colon - host) : authority.size;
    }
    if (!copy(authority, plain, sizeof plain)) {
        return false;
    }
    if (http) {
        (void)snprintf(out->edge, sizeof out->edge, "%s://%s", secure ? "wss" : "ws", plain);
    } else {
        (void)snprintf(out->edge, sizeof out->edge, "%s://%s:%d", secure ? "wss" : "ws", plain,
                       EDGE_PORT);
    }
    return true;
}

/* ROOM/PARTICIPANT/screen: whose stream it is, and in which room. */
static bool read_stream(const char *stream, cli_room_place *out)
{
    const char *path = authority_of(stream);
    path += strcspn(path, "/?");
    return decode(next_part(&path), out->room) && decode(next_part(&path), out->owner);
}

static bool set_who(const cli_room_wish *wish, const char *stream, bool owner, cli_room_place *out)
{
    if (wish->name != NULL) {
        return copy((piece){wish->name, strlen(wish->name)}, out->name, sizeof out->name);
    }
    if (owner) {
        memcpy(out->name, out->owner, sizeof out->name);
    } else {
        (void)snprintf(out->name, sizeof out->name, "viewer-%ld", (long)getpid());
    }
    if (wish->token != NULL) {
        return copy((piece){wish->token, strlen(wish->token)}, out->token, sizeof out->token);
    }
    read_token(stream, out->token);
    return true;
}

bool cli_room_find(const cli_spec *spec, const cli_room_wish *wish, const char *stream, bool owner,
                   cli_room_place *out)
{
    static const char *const schemes[] = {"wss", "ws", "https", "http", NULL};
    const char *room = wish->room;
    *out = (cli_room_place){.wanted = room != NULL};
    if (room == NULL) {
        bool idle = wish->token == NULL && wish->name == NULL;
        if (!idle) {
            (void)cli_wrong(spec, "--token and --name are for --room");
        }
        return idle;
    }
    bool url = strstr(room, "://") != NULL;
    if (url && !cli_url_check(spec, room, schemes)) {
        return false;
    }
    bool fits = read_stream(stream, out) && set_who(wish, stream, owner, out);
    if (url) {
        fits = fits && read_edge(room, out);
    } else {
        fits =
            fits && edge_of_stream(stream, out) && decode((piece){room, strlen(room)}, out->room);
    }
    if (!fits || out->room[0] == '\0') {
        (void)cli_wrong(spec, fits ? "which room? --room URL/rooms/NAME says it"
                                   : "the room, its address or who this is, is too long");
        return false;
    }
    return true;
}

int cli_room_join(const cli_room_place *place, chalk_session *session, uint32_t role,
                  cli_report *report)
{
    if (!place->wanted) {
        return CLI_DONE;
    }
    chalk_room_options room;
    chalk_room_options_init(&room);
    room.url = place->edge;
    room.room = place->room;
    room.token = place->token[0] != '\0' ? place->token : NULL;
    room.name = place->name;
    room.role = role;
    room.keep = CHALK_KEEP_CHECKSUM;
    int status = chalk_room_join(session, &room);
    return status < 0 ? cli_fail_status(report, status, "cannot join the room") : CLI_DONE;
}

void cli_room_take(const cli_room_place *place, chalk_session *session)
{
    chalk_room_event event;
    while (place->wanted && chalk_room_next_event(session, &event) == CHALK_OK) {
    }
}
