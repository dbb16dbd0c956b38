/* What all connections have in common: their transport, their end, their count. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "edge/state.h"

static void on_drained(void *user, ck_stream *stream)
{
    ck_conn *conn = user;
    (void)stream;
    if (!conn->ending) {
        conn->kind->pump(conn, ck_edge_now(conn->edge));
    }
    ck_edge_settle(conn->edge);
}

static void on_closed(void *user, ck_stream *stream, int status)
{
    ck_conn *conn = user;
    ck_edge *edge = conn->edge;
    if (!conn->ending) {
        ck_logf(&edge->log, 3, "edge", "%s %s: closed: %s", conn->kind->name,
                ck_stream_peer(stream), chalk_error_text(status));
    }
    if (status == CHALK_ERR_TLS) {
        ck_edge_refuse(edge, status); /* speaks plainly, or trusts another */
    }
    ck_conn_free(conn);
    ck_edge_settle(edge);
}

size_t ck_conn_room(ck_conn *conn)
{
    /* What is unsent costs system calls to know. Since it was last asked it can only have grown by
     * what was written, so as long as that leaves room there is room. */
    if (conn->credit == 0) {
        size_t unsent = ck_stream_unsent(conn->stream);
        conn->credit = unsent < CK_EDGE_QUEUE_BYTES ? CK_EDGE_QUEUE_BYTES - unsent : 0;
    }
    return conn->credit;
}

bool ck_conn_write(ck_conn *conn, ck_out *out)
{
    size_t size = out->head_size + out->body.size;
    int status = ck_stream_write_out(conn->stream, out);
    if (status < 0) {
        ck_slice_unref(&out->body);
        ck_conn_end(conn, 0, status, "a write was refused");
        return false;
    }
    conn->credit -= CK_MIN(conn->credit, size);
    conn->edge->bytes_sent += size;
    return true;
}

void ck_conn_received(ck_conn *conn, size_t size)
{
    conn->edge->bytes_received += size;
    conn->heard_us = ck_edge_now(conn->edge);
}

void ck_conn_list(ck_conn *conn)
{
    ck_list_append(&conn->edge->conns, &conn->in_conns);
    conn->edge->conn_count++;
}

void ck_conn_unlist(ck_conn *conn)
{
    if (ck_list_is_linked(&conn->in_conns)) {
        ck_list_remove(&conn->in_conns);
        conn->edge->conn_count--;
    }
}

int ck_conn_open(ck_edge *edge, ck_conn *conn, const ck_conn_kind *kind, ck_socket socket)
{
    conn->kind = kind;
    conn->edge = edge;
    conn->opened_us = ck_edge_now(edge);
    conn->heard_us = conn->opened_us;
    ck_list_init(&conn->in_conns);
    const ck_stream_config config = {
        .loop = edge->loop,
        .events = {.data = kind->data, .drained = on_drained, .closed = on_closed},
        .user = conn,
        .tls = edge->tls,
        .drained_bytes = CK_EDGE_DRAINED_BYTES,
    };
    int status = ck_stream_adopt(&config, socket, &conn->stream);
    if (status < 0) {
        return status;
    }
    ck_conn_list(conn);
    edge->connections_total++;
    return CHALK_OK;
}

void ck_conn_end(ck_conn *conn, uint32_t flush_ms, int status, const char *why)
{
    if (conn->ending) {
        return;
    }
    conn->ending = true;
    bool is_fault = status < 0 && status != CHALK_ERR_END && status != CHALK_ERR_PEER_CLOSED;
    ck_logf(&conn->edge->log, is_fault ? 2 : 3, "edge", "%s %s: ended: %s%s%s", conn->kind->name,
            ck_stream_peer(conn->stream), chalk_error_text(status), why != NULL ? ": " : "",
            why != NULL ? why : "");
    conn->kind->release(conn, ck_edge_now(conn->edge));
    ck_stream_close(conn->stream, flush_ms, status);
}

void ck_conn_free(ck_conn *conn)
{
    ck_edge *edge = conn->edge;
    conn->kind->release(conn, ck_edge_now(edge));
    conn->kind->destroy(conn);
    ck_conn_unlist(conn);
    ck_stream_destroy(&conn->stream);
    ck_free(&edge->budget.alloc, conn);
}
