/* What an RTMP connection asks for: to connect, to publish, to play; and how it is refused. */
#include "edge/rtmp_conn_inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

ck_log *ck_rtmp_conn_log(const rtmp_conn *c)
{
    return &c->base.edge->log;
}

const char *ck_rtmp_conn_peer(const rtmp_conn *c)
{
    return ck_stream_peer(c->base.stream);
}

void ck_rtmp_conn_reject(rtmp_conn *c, uint64_t request, int status, const char *why,
                         uint64_t now_us)
{
    const char *words = why != NULL ? why : chalk_error_text(status);
    ck_logf(ck_rtmp_conn_log(c), 2, "edge", "rtmp %s: %s refused: %s: %s", ck_rtmp_conn_peer(c),
            c->name.path, chalk_error_name(status), words);
    c->logged = true;
    ck_edge_refuse(c->base.edge, status);
    /* A malformed name stays malformed: said so that the client does not try it for ever. */
    int final = status == CHALK_ERR_INVALID_ARGUMENT ? CHALK_ERR_DENIED : status;
    ck_rtmp_reject(c->rtmp, request, final, words, now_us);
}

void ck_rtmp_conn_connect(rtmp_conn *c, const ck_rtmp_event *event, uint64_t now_us)
{
    const ck_alloc *alloc = &c->base.edge->budget.alloc;
    c->app = ck_strdup(alloc, event->connect.app);
    c->tc_url = ck_strdup(alloc, event->connect.tc_url);
    if (c->app == NULL || c->tc_url == NULL) {
        ck_rtmp_conn_reject(c, event->request, CHALK_ERR_NO_MEMORY, NULL, now_us);
        return;
    }
    ck_rtmp_accept(c->rtmp, event->request, now_us);
}

/* The stream a request is about and the token it brings. */
static int read_request(rtmp_conn *c, const char *stream, char token[CHALK_TOKEN_MAX],
                        const char **why)
{
    const char *const texts[] = {stream, c->app, c->tc_url};
    int status = ck_token_find(token, texts, (int)CK_COUNT_OF(texts));
    if (status < 0) {
        *why = "the token is too long or badly escaped";
        return CHALK_ERR_DENIED;
    }
    return ck_stream_name_of_rtmp(&c->name, c->app, stream, why);
}

static uint64_t wall_s(void)
{
    return ck_wall_us() / CK_US_PER_S;
}

bool ck_rtmp_conn_is_broken(int status)
{
    return status == CHALK_ERR_PROTOCOL || status == CHALK_ERR_BAD_DATA ||
           status == CHALK_ERR_TOO_LARGE || status == CHALK_ERR_TIMEOUT;
}

void ck_rtmp_conn_dismiss(rtmp_conn *c, int status, const char *why, uint64_t now_us)
{
    const char *words = why != NULL ? why : chalk_error_text(status);
    ck_logf(ck_rtmp_conn_log(c), 2, "edge", "rtmp %s: %s ended: %s: %s", ck_rtmp_conn_peer(c),
            c->name.path, chalk_error_name(status), words);
    c->logged = true;
    ck_hub_unpublish(&c->published, now_us);
    if (!ck_rtmp_conn_is_broken(status)) {
        ck_edge_refuse(c->base.edge, status);
    }
    if (ck_rtmp_close_with(c->rtmp, status, words, now_us) < 0) {
        ck_rtmp_close(c->rtmp, now_us);
    }
}

void ck_rtmp_conn_publish(rtmp_conn *c, const ck_rtmp_event *event, uint64_t now_us)
{
    ck_edge *edge = c->base.edge;
    char token[CHALK_TOKEN_MAX];
    ck_access_result access = {.why = NULL};
    void *replaced = NULL;
    int status = read_request(c, event->publish.name, token, &access.why);
    if (status == CHALK_OK) {
        status = ck_access_publish(&edge->access, token, &c->name, wall_s(), &access);
    }
    if (status == CHALK_OK && edge->stopping) {
        status = CHALK_ERR_BAD_STATE;
        access.why = "the server is stopping";
    }
    if (status == CHALK_OK) {
        status = ck_hub_publish(edge->hub, &c->name, access.claims.name, c, now_us, &c->published,
                                &replaced);
    }
    if (status != CHALK_OK) {
        ck_rtmp_conn_reject(c, event->request, status, access.why, now_us);
        return;
    }
    if (replaced != NULL) {
        ck_rtmp_conn_dismiss(replaced, CHALK_ERR_NAME_TAKEN,
                             "a newer connection publishes this stream", now_us);
        ck_rtmp_conn_pump(replaced, now_us);
    }
    ck_logf(ck_rtmp_conn_log(c), 3, "edge", "rtmp %s: publishes %s", ck_rtmp_conn_peer(c),
            c->name.path);
    ck_rtmp_accept(c->rtmp, event->request, now_us);
}

void ck_rtmp_conn_play(rtmp_conn *c, const ck_rtmp_event *event, uint64_t now_us)
{
    ck_edge *edge = c->base.edge;
    char token[CHALK_TOKEN_MAX];
    ck_access_result access = {.why = NULL};
    int status = read_request(c, event->play.name, token, &access.why);
    if (status == CHALK_OK) {
        status = ck_access_play(&edge->access, token, c->name.room, wall_s(), &access);
    }
    if (status == CHALK_OK) {
        status = ck_hub_read_open(edge->hub, &c->name, c, now_us, &c->reader);
    }
    if (status != CHALK_OK) {
        ck_rtmp_conn_reject(c, event->request, status, access.why, now_us);
        return;
    }
    /* Answered when the hub has found the stream or has given up: see answer_play. */
    c->play_request = event->request;
}
