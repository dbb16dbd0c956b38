#include "rtmp_raw.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "support/check.h"

#include <string.h>

#define HANDSHAKE_BYTES (1 + 2 * 1536)

ck_buf raw_buf(void)
{
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, 1u << 20);
    return b;
}

void raw_open(raw_peer *p, const ck_rtmp_config *config)
{
    memset(p, 0, sizeof *p);
    p->now_us = 5000000;
    p->control.id = 2;
    p->command.id = 3;
    p->media.id = 6;
    ck_rtmp_dechunk_init(&p->in, &ck_test_heap);
    p->skip = HANDSHAKE_BYTES;
    CK_CHECK_EQ(ck_rtmp_init(&p->core.r, config, 7, p->now_us), CHALK_OK);
    ck_buf b = raw_buf();
    rtmp_put_handshake(&b);
    raw_send_bytes(p, b.data, b.size);
    ck_buf_free(&b);
}

void raw_close(raw_peer *p)
{
    ck_rtmp_free(&p->core.r);
    ck_rtmp_dechunk_free(&p->in);
}

void raw_send_bytes(raw_peer *p, const void *data, size_t size)
{
    rtmp_end_feed(&p->core, NULL, data, size, size, p->now_us);
}

void raw_send(raw_peer *p, ck_rtmp_chunk_out *c, uint8_t type, uint32_t stream,
              uint32_t timestamp_ms, const void *body, size_t size)
{
    ck_buf b = raw_buf();
    rtmp_put_message(&b, c, type, stream, timestamp_ms, body, size, 128);
    raw_send_bytes(p, b.data, b.size);
    ck_buf_free(&b);
}

void raw_send_buf(raw_peer *p, ck_buf *b, uint32_t stream)
{
    raw_send(p, &p->command, CK_RTMP_COMMAND, stream, 0, b->data, b->size);
    ck_buf_free(b);
}

void raw_send_u32(raw_peer *p, uint8_t type, uint32_t value)
{
    uint8_t body[4];
    ck_store_be32(body, value);
    raw_send(p, &p->control, type, 0, 0, body, sizeof body);
}

static void take_answer(raw_peer *p, const ck_rtmp_message *m)
{
    CK_CHECK(p->count < RAW_ANSWERS_MAX);
    raw_answer *a = &p->answers[p->count++];
    *a = (raw_answer){.type = m->type, .stream = m->stream, .size = m->body.size};
    if (m->type == CK_RTMP_SET_CHUNK_SIZE) {
        CK_CHECK_EQ(ck_rtmp_dechunk_set_chunk_size(&p->in, ck_load_be32(m->body.data)), CHALK_OK);
    }
    if (m->type < CK_RTMP_AUDIO) {
        a->value = m->type == CK_RTMP_USER_CONTROL ? ck_load_be16(m->body.data)
                                                   : ck_load_be32(m->body.data);
    } else if (m->type == CK_RTMP_COMMAND) {
        ck_rtmp_command command;
        ck_rtmp_info info;
        CK_CHECK_EQ(ck_rtmp_command_open(&command, m), CHALK_OK);
        ck_text_copy(a->name, sizeof a->name, command.name);
        a->transaction = command.transaction;
        if (ck_rtmp_command_info(&command, &info) == CHALK_OK) {
            ck_text_copy(a->code, sizeof a->code, info.code);
        }
    } else if (m->type == CK_RTMP_DATA) {
        ck_amf_in in;
        ck_amf_in_init(&in, m->body.data, m->body.size);
        CK_CHECK_EQ(ck_amf_read_string(&in, a->name, sizeof a->name), CHALK_OK);
    }
}

static void take_bytes(raw_peer *p, const uint8_t *data, size_t size)
{
    size_t skipped = CK_MIN(p->skip, size);
    p->skip -= skipped;
    for (size_t at = skipped; at < size;) {
        ck_rtmp_message m;
        size_t used = 0;
        int status = ck_rtmp_dechunk_feed(&p->in, data + at, size - at, &used, &m);
        CK_CHECK(status >= 0);
        at += used;
        if (status == 1) {
            take_answer(p, &m);
            ck_slice_unref(&m.body);
        }
    }
}

void raw_read(raw_peer *p)
{
    ck_out out;
    while (ck_rtmp_poll_output(p->core.r, &out, p->now_us)) {
        take_bytes(p, out.head, out.head_size);
        take_bytes(p, out.body.data, out.body.size);
        ck_slice_unref(&out.body);
    }
    rtmp_end_take_events(&p->core, NULL);
}

const raw_answer *raw_named(const raw_peer *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->answers[i].name, name) == 0) {
            return &p->answers[i];
        }
    }
    return NULL;
}

const raw_answer *raw_coded(const raw_peer *p, const char *code)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->answers[i].code, code) == 0) {
            return &p->answers[i];
        }
    }
    return NULL;
}

const raw_answer *raw_typed(const raw_peer *p, uint8_t type)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->answers[i].type == type) {
            return &p->answers[i];
        }
    }
    return NULL;
}

void raw_connect(raw_peer *p, const char *app)
{
    ck_buf b = raw_buf();
    ck_rtmp_put_command(&b, "connect", 1);
    ck_amf_put_object(&b);
    ck_amf_put_key_string(&b, "app", app);
    ck_amf_put_key_string(&b, "tcUrl", "rtmp://h/live");
    ck_amf_put_end(&b);
    raw_send_buf(p, &b, 0);
}

void raw_create_stream(raw_peer *p)
{
    ck_buf b = raw_buf();
    ck_rtmp_put_command(&b, "createStream", 4);
    ck_amf_put_null(&b);
    raw_send_buf(p, &b, 0);
}

void raw_accept(raw_peer *p)
{
    uint64_t request = 0;
    for (size_t i = 0; i < p->core.count; i++) {
        request = CK_MAX(request, p->core.log[i].request);
    }
    CK_CHECK_EQ(ck_rtmp_accept(p->core.r, request, p->now_us), CHALK_OK);
}

void raw_server_at(raw_peer *p, enum ck_rtmp_state state, enum ck_rtmp_mode mode)
{
    ck_rtmp_config config = rtmp_server_config(&ck_test_heap);
    config.message_bytes_max = 1u << 20;
    config.string_bytes_max = 64;
    raw_open(p, &config);
    if (state > CK_RTMP_CONNECTING) {
        raw_connect(p, "live");
        raw_accept(p);
        raw_create_stream(p);
    }
    if (state > CK_RTMP_CONNECTED) {
        ck_buf b = raw_buf();
        if (mode == CK_RTMP_PUBLISH) {
            ck_rtmp_put_publish(&b, 5, "room/screen");
        } else {
            ck_rtmp_put_play(&b, 5, "room/screen");
        }
        raw_send_buf(p, &b, 1);
    }
    if (state > CK_RTMP_STARTING) {
        raw_accept(p);
    }
    CK_CHECK_STR(ck_rtmp_state_name(ck_rtmp_state(p->core.r)), ck_rtmp_state_name(state));
    raw_read(p);
}
