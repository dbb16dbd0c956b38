/*
 * A connection to the HTTP port until its first request is known. A request for a stream
 * (/ROOM/NAME/screen.flv) stays here and becomes an FLV player; every other one is handed to
 * runtime/net's HTTP server with the bytes that were read.
 */
#ifndef CK_EDGE_HTTP_CONN_H
#define CK_EDGE_HTTP_CONN_H

#include "core/http/head.h"
#include "edge/state.h"

/* What an FLV connection has sent of its answer. */
enum ck_flv_phase {
    CK_FLV_PHASE_HEAD = 1,  /* the request is still being read */
    CK_FLV_PHASE_WAITING,   /* for the hub to find the stream */
    CK_FLV_PHASE_BEGINNING, /* 200 was sent; the file header goes out with the first tag */
    CK_FLV_PHASE_PLAYING,
};

typedef struct ck_http_conn {
    ck_conn base; /* first: a ck_conn is one of these */
    enum ck_flv_phase phase;
    ck_http_head head;
    ck_buf raw; /* the bytes read so far, for the HTTP server */
    ck_hub_reader *reader;
    ck_stream_name name;
    char *origin;   /* that a page may come from to read the answer; NULL: none, or it was said */
    bool head_only; /* the method is HEAD */
} ck_http_conn;

/* http_conn.c */
/* Answers with a status and its text, then closes. */
void ck_http_conn_answer(ck_http_conn *c, int status, const char *why);

/* Frees the origin: an answer's head has been written. */
void ck_http_conn_forget_origin(ck_http_conn *c);

/* flv_conn.c */
void ck_flv_begin(ck_http_conn *c, uint64_t now_us); /* the head is complete and is for .flv */
void ck_flv_pump(ck_http_conn *c, uint64_t now_us);

#endif
