/* HTTP-FLV: one stream as an FLV file that does not end until the stream does. */
#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/flv/mux.h"
#include "core/http/write.h"
#include "edge/http_conn.h"

#include <string.h>

static bool write_bytes(ck_http_conn *c, const void *data, size_t size)
{
    ck_out out = {.head_size = (uint8_t)size};
    CK_INVARIANT(size <= sizeof out.head, return false);
    memcpy(out.head, data, size);
    return ck_conn_write(&c->base, &out);
}

static bool write_response_head(ck_http_conn *c)
{
    const ck_http_header headers[] = {
        {"Content-Type", "video/x-flv"},
        {"Cache-Control", "no-store"},
        {"Connection", "close"},
        {"X-Content-Type-Options", "nosniff"},
        {"Access-Control-Allow-Origin", c->origin}, /* the last: without an origin it is left out */
    };
    size_t count = CK_COUNT_OF(headers) - (c->origin == NULL);
    const ck_alloc *alloc = &c->base.edge->budget.alloc;
    ck_buf text;
    ck_buf_init(&text, alloc, 1024);
    ck_out out = {.head_size = 0};
    if (ck_http_write_response(&text, 200, headers, count) == CHALK_OK) {
        out.body = ck_slice_copy(alloc, text.data, text.size);
    }
    ck_buf_free(&text);
    ck_http_conn_forget_origin(c);
    if (out.body.data == NULL) {
        ck_conn_end(&c->base, 0, CHALK_ERR_NO_MEMORY, NULL);
        return false;
    }
    return ck_conn_write(&c->base, &out);
}

/* The token of the query, else of "Authorization: Bearer". */
static int find_token(const ck_http_conn *c, const char *target, char token[CHALK_TOKEN_MAX])
{
    static const char scheme[] = "Bearer ";
    const char *header = ck_http_head_get(&c->head, "Authorization");
    int status = ck_token_find(token, &target, 1);
    if (status == CHALK_OK && token[0] == '\0' && header != NULL &&
        ck_text_starts(header, scheme) &&
        !ck_text_copy(token, CHALK_TOKEN_MAX, header + sizeof scheme - 1)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return status;
}

static void refuse(ck_http_conn *c, int error, int http_status, const char *why)
{
    ck_logf(&c->base.edge->log, 2, "edge", "http %s: %s refused: %s",
            ck_stream_peer(c->base.stream), c->name.path, why);
    ck_edge_refuse(c->base.edge, error);
    ck_http_conn_answer(c, http_status, why);
}

void ck_flv_begin(ck_http_conn *c, uint64_t now_us)
{
    ck_edge *edge = c->base.edge;
    char path[CK_HTTPD_PATH_MAX];
    char token[CHALK_TOKEN_MAX];
    const char *why = NULL;
    ck_access_result access = {.why = NULL};
    const char *target = ck_http_head_target(&c->head);
    const char *method = ck_http_head_method(&c->head);
    ck_text plain = ck_text_of(path, sizeof path);
    ck_text_add_n(&plain, target, strcspn(target, "?"));

    c->head_only = strcmp(method, "HEAD") == 0;
    if (!c->head_only && strcmp(method, "GET") != 0) {
        refuse(c, CHALK_ERR_UNSUPPORTED, 405, "a stream can only be read");
        return;
    }
    if (plain.cut || ck_stream_name_of_http(&c->name, path, &why) < 0) {
        refuse(c, CHALK_ERR_NO_STREAM, 404, why != NULL ? why : "the path is too long");
        return;
    }
    if (find_token(c, target, token) < 0) {
        refuse(c, CHALK_ERR_DENIED, 403, "the token is too long or badly escaped");
        return;
    }
    if (ck_access_play(&edge->access, token, c->name.room, ck_wall_us() / CK_US_PER_S, &access) <
        0) {
        refuse(c, CHALK_ERR_DENIED, access.fault == CK_TOKEN_MISSING ? 401 : 403, access.why);
        return;
    }
    if (ck_hub_read_open(edge->hub, &c->name, c, now_us, &c->reader) < 0) {
        refuse(c, CHALK_ERR_NO_MEMORY, 503, "the server is out of memory");
        return;
    }
    c->phase = CK_FLV_PHASE_WAITING;
}

/* True once the answer may go on with tags. */
static bool answer(ck_http_conn *c)
{
    switch (ck_hub_reader_state(c->reader)) {
    case CK_HUB_WAITING:
        return false;
    case CK_HUB_READING:
        break;
    default:
        refuse(c, CHALK_ERR_NO_STREAM, 404, "nobody publishes this stream");
        return false;
    }
    if (!write_response_head(c)) {
        return false;
    }
    if (c->head_only) {
        ck_conn_end(&c->base, CK_EDGE_FAREWELL_MS, CHALK_OK, NULL);
        return false;
    }
    ck_logf(&c->base.edge->log, 3, "edge", "http %s: plays %s", ck_stream_peer(c->base.stream),
            c->name.path);
    c->phase = CK_FLV_PHASE_BEGINNING;
    return true;
}

static bool write_file_head(ck_http_conn *c)
{
    uint8_t bytes[CK_FLV_FILE_HEAD];
    bool has_audio;
    bool has_video;
    ck_hub_reader_flags(c->reader, &has_audio, &has_video);
    ck_flv_write_file_head(bytes, has_audio, has_video);
    c->phase = CK_FLV_PHASE_PLAYING;
    return write_bytes(c, bytes, sizeof bytes);
}

/* Takes the tag's body. */
static bool write_tag(ck_http_conn *c, ck_flv_tag *tag)
{
    uint8_t tail[CK_FLV_TAG_TAIL];
    uint32_t size = (uint32_t)tag->body.size;
    ck_out out = {.head_size = CK_FLV_TAG_HEAD, .body = tag->body};
    int status = ck_flv_write_tag_head(out.head, tag->type, tag->timestamp_ms, size);
    if (status < 0) {
        ck_slice_unref(&out.body);
        ck_conn_end(&c->base, 0, status, "a tag cannot be written");
        return false;
    }
    ck_flv_write_tag_tail(tail, size);
    return ck_conn_write(&c->base, &out) && write_bytes(c, tail, sizeof tail);
}

void ck_flv_pump(ck_http_conn *c, uint64_t now_us)
{
    ck_flv_tag tag;
    if (c->phase == CK_FLV_PHASE_WAITING && !answer(c)) {
        return;
    }
    if (ck_hub_reader_state(c->reader) == CK_HUB_TOO_SLOW) {
        ck_conn_end(&c->base, 0, CHALK_ERR_TIMEOUT, "the player cannot keep up");
        return;
    }
    while (!c->base.ending && ck_conn_room(&c->base) > 0) {
        int status = ck_hub_read(c->reader, now_us, &tag);
        if (status == CHALK_ERR_AGAIN) {
            return;
        }
        if (status < 0) {
            ck_conn_end(&c->base, status == CHALK_ERR_END ? CK_EDGE_FAREWELL_MS : 0, status, NULL);
            return;
        }
        if (c->phase == CK_FLV_PHASE_BEGINNING && !write_file_head(c)) {
            ck_slice_unref(&tag.body);
            return;
        }
        if (!write_tag(c, &tag)) {
            return;
        }
    }
}
