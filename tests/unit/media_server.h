/*
 * A server of one connection at a time for tests of links and outputs: it keeps silent, says what
 * it is told, or speaks RTMP through our own core. On a host-driven loop, see net_support.h.
 */
#ifndef CK_TESTS_MEDIA_SERVER_H
#define CK_TESTS_MEDIA_SERVER_H

#include "core/rtmp/rtmp.h"
#include "net_support.h"

#define SERVER_TAGS 4096

enum server_kind {
    SERVER_SILENT = 1, /* accepts, reads, answers nothing */
    SERVER_SCRIPT,     /* answers the first bytes with `script` */
    SERVER_RTMP,
};

enum server_then {
    SERVER_STAYS = 0,
    SERVER_ENDS,   /* in order */
    SERVER_RESETS, /* cuts the connection */
};

typedef struct server_tag {
    uint8_t type;
    bool key, config;
    uint32_t timestamp_ms;
    size_t size;
} server_tag;

typedef struct media_server {
    enum server_kind kind;
    const char *script;
    size_t script_size;
    enum server_then then;
    int reject; /* RTMP: refuse publish and play with this */
    const char *words;
    /* Private but for reading: */
    ck_loop *loop;
    ck_listener *listener;
    ck_stream *stream;
    ck_rtmp *rtmp;
    unsigned accepted; /* connections */
    unsigned ended;    /* publishers that said goodbye */
    bool answered;
    server_tag tags[SERVER_TAGS];
    size_t tag_count;
} media_server;

void media_server_start(media_server *s, ck_loop *loop);
void media_server_stop(media_server *s);
uint16_t media_server_port(const media_server *s);
void media_server_cut(media_server *s);                         /* the connection, not the server */
void media_server_send(media_server *s, const ck_flv_tag *tag); /* to a player */

#endif
