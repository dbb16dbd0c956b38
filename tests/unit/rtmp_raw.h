/*
 * A peer written by hand against one core: messages are put together here, byte by byte, and what
 * the core answers is taken apart again. Everything is sent on chunk streams of 128-byte chunks.
 */
#ifndef CK_TESTS_RTMP_RAW_H
#define CK_TESTS_RTMP_RAW_H

#include "core/rtmp/command.h"
#include "core/rtmp/dechunk.h"
#include "rtmp_pair.h"

#define RAW_ANSWERS_MAX 64

typedef struct raw_answer {
    uint8_t type;
    uint32_t stream;
    char name[32]; /* commands: their name; data: the first text */
    char code[64]; /* commands with an info object */
    double transaction;
    uint32_t value; /* control: its first number; user control: the event */
    size_t size;
} raw_answer;

typedef struct raw_peer {
    rtmp_end core; /* under test */
    uint64_t now_us;
    ck_rtmp_chunk_out control;
    ck_rtmp_chunk_out command;
    ck_rtmp_chunk_out media;
    ck_rtmp_dechunk in;
    bool greeted; /* the core's handshake was read */
    size_t skip;
    raw_answer answers[RAW_ANSWERS_MAX];
    size_t count;
} raw_peer;

/* A core of this role with the handshake done. */
void raw_open(raw_peer *p, const ck_rtmp_config *config);
void raw_close(raw_peer *p);

/* Each feeds one message whole. */
void raw_send(raw_peer *p, ck_rtmp_chunk_out *c, uint8_t type, uint32_t stream,
              uint32_t timestamp_ms, const void *body, size_t size);
void raw_send_buf(raw_peer *p, ck_buf *b, uint32_t stream); /* a command; frees b */
void raw_send_u32(raw_peer *p, uint8_t type, uint32_t value);
void raw_send_bytes(raw_peer *p, const void *data, size_t size);
ck_buf raw_buf(void);

/* Reads all that the core has to say into `answers`. */
void raw_read(raw_peer *p);
/* The first answer of that name (commands, data), or NULL. */
const raw_answer *raw_named(const raw_peer *p, const char *name);
const raw_answer *raw_coded(const raw_peer *p, const char *code);
const raw_answer *raw_typed(const raw_peer *p, uint8_t type);

/* A server core brought to this state; accepts what that takes. */
void raw_server_at(raw_peer *p, enum ck_rtmp_state state, enum ck_rtmp_mode mode);
void raw_connect(raw_peer *p, const char *app);
void raw_create_stream(raw_peer *p);
/* Accepts the newest request. */
void raw_accept(raw_peer *p);

#endif
