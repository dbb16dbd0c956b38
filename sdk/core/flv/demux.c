#include "core/flv/demux.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/mux.h"

#include <string.h>

#define FILE_HEADER 9 /* without PreviousTagSize0 */
#define ENCRYPTED   0x20
#define TYPE_MASK   0x1f

/* FILE_HEAD -> HEAD_REST -> FIRST_TAIL -> TAG_HEAD -> BODY or SKIP -> TAIL -> TAG_HEAD ... */
enum state {
    STATE_FILE_HEAD = 1,
    STATE_HEAD_REST,
    STATE_FIRST_TAIL,
    STATE_TAG_HEAD,
    STATE_BODY,
    STATE_SKIP,
    STATE_TAIL,
    STATE_SKIPPED_TAIL, /* behind a tag of unknown type */
};

/* A step's answer beside errors: go on, or a tag is complete. */
enum { STEP_ON = 0, STEP_TAG = 1 };

void ck_flv_demux_init(ck_flv_demux *d, const ck_flv_demux_config *config)
{
    memset(d, 0, sizeof *d);
    d->config = *config;
    if (d->config.body_max == 0) {
        d->config.body_max = CK_FLV_BODY_MAX_DEFAULT;
    }
    if (d->config.body_keep == 0) {
        d->config.body_keep = d->config.body_max;
    }
    d->input = ck_reader_of(NULL, 0);
    d->state = STATE_FILE_HEAD;
}

void ck_flv_demux_free(ck_flv_demux *d)
{
    ck_slice_unref(&d->tag.body);
    d->input = ck_reader_of(NULL, 0);
    d->status = CHALK_ERR_BAD_STATE;
}

int ck_flv_demux_feed(ck_flv_demux *d, const void *data, size_t size)
{
    if (d->status != CHALK_OK) {
        return d->status;
    }
    if (ck_reader_left(&d->input) > 0) {
        return CHALK_ERR_BAD_STATE;
    }
    d->input = ck_reader_of(data, size);
    return CHALK_OK;
}

bool ck_flv_demux_is_between_tags(const ck_flv_demux *d)
{
    return d->state == STATE_TAG_HEAD && d->have == 0;
}

/* Collects `size` bytes in `part`; true once they are there, and counted as used. */
static bool gather(ck_flv_demux *d, size_t size)
{
    CK_INVARIANT(size <= sizeof d->part && d->have < size, return false);
    size_t taken = CK_MIN(size - d->have, ck_reader_left(&d->input));
    if (taken > 0) {
        memcpy(d->part + d->have, ck_read_bytes(&d->input, taken), taken);
    }
    d->have = (uint8_t)(d->have + taken);
    if (d->have < size) {
        return false;
    }
    d->have = 0;
    return true;
}

static int step_file_head(ck_flv_demux *d)
{
    if (!gather(d, FILE_HEADER)) {
        return CHALK_ERR_AGAIN;
    }
    uint32_t offset = ck_load_be32(d->part + 5);
    if (memcmp(d->part, "FLV\x01", 4) != 0 || offset < FILE_HEADER ||
        offset > CK_FLV_FILE_HEAD_MAX) {
        return CHALK_ERR_BAD_DATA;
    }
    d->has_audio = (d->part[4] & 4) != 0;
    d->has_video = (d->part[4] & 1) != 0;
    d->skip_left = offset - FILE_HEADER;
    d->state = STATE_HEAD_REST;
    return STEP_ON;
}

static int step_skip(ck_flv_demux *d, uint8_t next)
{
    size_t taken = CK_MIN(d->skip_left, ck_reader_left(&d->input));
    ck_read_skip(&d->input, taken);
    d->skip_left -= (uint32_t)taken;
    if (d->skip_left > 0) {
        return CHALK_ERR_AGAIN;
    }
    d->state = next;
    return STEP_ON;
}

static int step_tag_head(ck_flv_demux *d)
{
    if (!gather(d, CK_FLV_TAG_HEAD)) {
        return CHALK_ERR_AGAIN;
    }
    const uint8_t *head = d->part;
    uint8_t type = head[0] & TYPE_MASK;
    d->body_size = ck_load_be24(head + 1);
    d->body_have = 0;
    if ((head[0] & ENCRYPTED) != 0) {
        return CHALK_ERR_CODEC_UNKNOWN;
    }
    if (d->body_size > d->config.body_max) {
        return CHALK_ERR_TOO_LARGE;
    }
    if (type != CK_FLV_AUDIO && type != CK_FLV_VIDEO && type != CK_FLV_SCRIPT) {
        d->skipped_tags++;
        d->skip_left = d->body_size;
        d->state = STATE_SKIP;
        return STEP_ON;
    }
    d->tag.type = type;
    d->tag.timestamp_ms = (uint32_t)head[7] << 24 | ck_load_be24(head + 4);
    d->tag.body = ck_slice_new(d->config.alloc, CK_MIN(d->body_size, d->config.body_keep));
    d->state = STATE_BODY;
    return d->tag.body.data != NULL ? STEP_ON : CHALK_ERR_NO_MEMORY;
}

static int step_body(ck_flv_demux *d)
{
    size_t taken = CK_MIN(d->body_size - d->body_have, ck_reader_left(&d->input));
    const uint8_t *data = taken > 0 ? ck_read_bytes(&d->input, taken) : NULL;
    size_t room = d->tag.body.size - CK_MIN(d->body_have, d->tag.body.size);
    if (taken > 0 && room > 0) {
        memcpy(ck_slice_mutable(d->tag.body) + d->body_have, data, CK_MIN(taken, room));
    }
    d->body_have += (uint32_t)taken;
    if (d->body_have < d->body_size) {
        return CHALK_ERR_AGAIN;
    }
    d->state = STATE_TAIL;
    return STEP_TAG;
}

static int step_tail(ck_flv_demux *d, uint32_t expected)
{
    if (!gather(d, CK_FLV_TAG_TAIL)) {
        return CHALK_ERR_AGAIN;
    }
    bool wrong = ck_load_be32(d->part) != expected;
    d->wrong_trailers += wrong;
    if (wrong && d->state == STATE_SKIPPED_TAIL) {
        return CHALK_ERR_BAD_DATA;
    }
    d->state = STATE_TAG_HEAD;
    return STEP_ON;
}

static int step(ck_flv_demux *d)
{
    switch (d->state) {
    case STATE_FILE_HEAD:
        return step_file_head(d);
    case STATE_HEAD_REST:
        return step_skip(d, STATE_FIRST_TAIL);
    case STATE_FIRST_TAIL:
        return step_tail(d, 0);
    case STATE_TAG_HEAD:
        return step_tag_head(d);
    case STATE_BODY:
        return step_body(d);
    case STATE_SKIP:
        return step_skip(d, STATE_SKIPPED_TAIL);
    default:
        return step_tail(d, CK_FLV_TAG_HEAD + d->body_size);
    }
}

int ck_flv_demux_poll_tag(ck_flv_demux *d, ck_flv_tag *tag)
{
    int result = d->status;
    while (result == STEP_ON) {
        result = step(d);
    }
    if (result == STEP_TAG) {
        *tag = d->tag;
        memset(&d->tag, 0, sizeof d->tag);
        return CHALK_OK;
    }
    if (result != CHALK_ERR_AGAIN) {
        d->status = result;
    }
    return result;
}
