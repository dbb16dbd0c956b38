/* Requests whose bodies are taken as they come. */
#include "runtime/net/httpd_internal.h"

#include <string.h>

static const ck_httpd_upload_entry *find(const ck_httpd *httpd, const char *path)
{
    for (size_t i = 0; i < httpd->upload_count; i++) {
        if (ck_httpd_path_fits(httpd->uploads[i].path, httpd->uploads[i].prefix, path)) {
            return &httpd->uploads[i];
        }
    }
    return NULL;
}

enum ck_httpd_upload_answer ck_httpd_begin_upload(ck_httpd_connection *c)
{
    ck_httpd_request request;
    ck_httpd_request_text text;
    if (c->httpd->upload_count == 0 || strcmp(ck_http_head_method(&c->head), "PUT") != 0 ||
        ck_httpd_read_request(c, &request, &text) != 0) {
        return CK_HTTPD_ORDINARY;
    }
    const ck_httpd_upload_entry *upload = find(c->httpd, request.path);
    if (upload == NULL) {
        return CK_HTTPD_ORDINARY;
    }
    if (c->head.framing != CK_HTTP_LENGTH) {
        ck_httpd_refuse(c, 411);
        return CK_HTTPD_REFUSED;
    }
    return ck_httpd_admit_upload(c, &request, upload) ? CK_HTTPD_TAKEN : CK_HTTPD_REFUSED;
}

void ck_httpd_end_upload(ck_httpd_connection *c)
{
    const ck_httpd_upload_entry *upload = c->upload;
    c->upload = NULL;
    upload->events.whole(c->reply.user);
    if (c->reply.deferred) { /* not answered yet */
        c->busy = true;
        ck_stream_set_read_timeout(c->stream, 0);
    }
}

void ck_httpd_upload_pause(ck_httpd_reply *reply)
{
    ck_stream_pause(reply->connection->stream);
}

/* Once the body is whole the answer resumes the connection. */
void ck_httpd_upload_resume(ck_httpd_reply *reply)
{
    if (reply->connection->upload != NULL) {
        ck_stream_resume(reply->connection->stream);
    }
}
