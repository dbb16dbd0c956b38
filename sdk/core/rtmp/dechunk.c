#include "core/rtmp/dechunk.h"

#include "base/bytes.h"
#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

struct ck_rtmp_chunk_in {
    uint32_t id;
    uint32_t time_field;   /* of the last header: a time after type 0, else a delta */
    uint32_t timestamp_ms; /* of the current or last message */
    uint32_t length;
    uint32_t stream;
    uint8_t type;
    bool absolute; /* the last header was of type 0 */
    bool extended; /* and had an extended timestamp */
    bool begun;    /* body is incomplete */
    uint32_t filled;
    ck_slice body;
};

/* The fields of one chunk's header; `index` is d->count for a chunk stream seen first. */
typedef struct chunk_header {
    unsigned format;
    uint32_t id;
    size_t basic_size;
    size_t index;
} chunk_header;

static const uint8_t message_header_size[4] = {11, 7, 3, 0};

void ck_rtmp_dechunk_init(ck_rtmp_dechunk *d, const ck_alloc *alloc)
{
    *d = (ck_rtmp_dechunk){.alloc = alloc,
                           .message_bytes_max = CK_RTMP_MESSAGE_MAX,
                           .command_bytes_max = CK_RTMP_MESSAGE_MAX,
                           .reassembly_bytes_max = CK_RTMP_MESSAGE_MAX,
                           .chunk_streams_max = 64,
                           .chunk_size = CK_RTMP_CHUNK_SIZE_DEFAULT};
}

void ck_rtmp_dechunk_free(ck_rtmp_dechunk *d)
{
    for (size_t i = 0; i < d->count; i++) {
        ck_slice_unref(&d->streams[i].body);
    }
    if (d->alloc != NULL) {
        ck_free(d->alloc, d->streams);
    }
    *d = (ck_rtmp_dechunk){.alloc = d->alloc, .chunk_size = d->chunk_size};
}

int ck_rtmp_dechunk_set_chunk_size(ck_rtmp_dechunk *d, uint32_t chunk_size)
{
    if (chunk_size == 0 || chunk_size > INT32_MAX) {
        return CHALK_ERR_PROTOCOL;
    }
    d->chunk_size = CK_MIN(chunk_size, CK_RTMP_MESSAGE_MAX);
    return CHALK_OK;
}

static size_t find(const ck_rtmp_dechunk *d, uint32_t id)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->streams[i].id == id) {
            return i;
        }
    }
    return d->count;
}

static void drop_partial(ck_rtmp_dechunk *d, ck_rtmp_chunk_in *c)
{
    if (c->begun) {
        d->reassembly_bytes -= c->length;
        ck_slice_unref(&c->body);
        c->begun = false;
        c->filled = 0;
    }
}

void ck_rtmp_dechunk_abort(ck_rtmp_dechunk *d, uint32_t chunk_stream)
{
    size_t index = find(d, chunk_stream);
    if (index < d->count) {
        drop_partial(d, &d->streams[index]);
    }
}

/* Moves input into the header until it has `need` bytes; false when the input ended before. */
static bool collect(ck_rtmp_dechunk *d, ck_reader *in, size_t need)
{
    while (d->header_size < need && in->at < in->end) {
        d->header[d->header_size++] = *in->at++;
    }
    return d->header_size >= need;
}

static size_t basic_header_size(uint8_t first)
{
    unsigned low = first & 0x3f;
    return low == 0 ? 2 : low == 1 ? 3 : 1;
}

static uint32_t basic_header_id(const uint8_t *header)
{
    switch (header[0] & 0x3f) {
    case 0:
        return 64u + header[1];
    case 1:
        return 64u + header[1] + 256u * header[2];
    default:
        return header[0] & 0x3f;
    }
}

static bool equals_start(uint32_t value, const uint8_t *bytes, size_t size)
{
    uint8_t stored[4];
    ck_store_be32(stored, value);
    return memcmp(stored, bytes, size) == 0;
}

/* In the middle of a message four bytes may be a repeated extended timestamp or payload. Decides as
 * early as a byte differs, so that nothing waits for bytes that the peer has no reason to send.
 * Returns false when the input ended before it was clear. */
static bool collect_repeated_timestamp(ck_rtmp_dechunk *d, ck_reader *in, const ck_rtmp_chunk_in *c,
                                       size_t basic_size)
{
    for (size_t i = 1; i <= 4; i++) {
        if (!collect(d, in, basic_size + i)) {
            return false;
        }
        const uint8_t *seen = d->header + basic_size;
        if (!equals_start(c->time_field, seen, i) && !equals_start(c->timestamp_ms, seen, i)) {
            memcpy(d->unread, seen, i);
            d->unread_size = (uint8_t)i;
            d->header_size = (uint8_t)basic_size;
            return true;
        }
    }
    return true;
}

/* 1 when d->header holds one whole header, described by *h; 0 when more input is needed. */
static int read_header(ck_rtmp_dechunk *d, ck_reader *in, chunk_header *h)
{
    if (!collect(d, in, 1) || !collect(d, in, basic_header_size(d->header[0]))) {
        return 0;
    }
    h->format = d->header[0] >> 6;
    h->basic_size = basic_header_size(d->header[0]);
    h->id = basic_header_id(d->header);
    h->index = find(d, h->id);
    const ck_rtmp_chunk_in *c = h->index < d->count ? &d->streams[h->index] : NULL;
    if (h->format == 3) {
        if (c == NULL) {
            return CHALK_ERR_PROTOCOL;
        }
        if (c->extended && c->begun) {
            return collect_repeated_timestamp(d, in, c, h->basic_size);
        }
        return collect(d, in, h->basic_size + (c->extended ? 4 : 0));
    }
    size_t size = h->basic_size + message_header_size[h->format];
    if (!collect(d, in, size)) {
        return 0;
    }
    bool extended = ck_load_be24(d->header + h->basic_size) == CK_RTMP_EXTENDED;
    return collect(d, in, size + (extended ? 4 : 0));
}

static int add_stream(ck_rtmp_dechunk *d, uint32_t id)
{
    if (d->count >= d->chunk_streams_max) {
        return CHALK_ERR_TOO_LARGE;
    }
    if (d->count == d->capacity) {
        size_t capacity = d->capacity == 0 ? 4 : d->capacity * 2;
        void *grown = ck_resize_array(d->alloc, d->streams, capacity, sizeof *d->streams);
        if (grown == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        d->streams = grown;
        d->capacity = capacity;
    }
    d->streams[d->count++] = (ck_rtmp_chunk_in){.id = id};
    return CHALK_OK;
}

/* A type 3 chunk that starts a message repeats the delta before it. After a type 0 chunk that is,
 * to the letter (5.3.1.2.4), the timestamp itself. With an extended timestamp it would double a
 * clock of more than four hours: senders that do this write the time there, so it is read as one.
 */
static void repeat_time(ck_rtmp_chunk_in *c, const uint8_t *extended)
{
    if (c->extended) {
        c->time_field = ck_load_be32(extended);
        c->timestamp_ms = c->absolute ? c->time_field : c->timestamp_ms + c->time_field;
    } else {
        c->timestamp_ms += c->time_field;
    }
}

static void apply_header(ck_rtmp_chunk_in *c, const chunk_header *h, const uint8_t *header)
{
    const uint8_t *at = header + h->basic_size;
    const uint8_t *extended = at + message_header_size[h->format];
    if (h->format == 3) {
        repeat_time(c, extended);
        return;
    }
    c->time_field = ck_load_be24(at);
    c->absolute = h->format == 0;
    c->extended = c->time_field == CK_RTMP_EXTENDED;
    if (c->extended) {
        c->time_field = ck_load_be32(extended);
    }
    c->timestamp_ms = c->absolute ? c->time_field : c->timestamp_ms + c->time_field;
    if (h->format < 2) {
        c->length = ck_load_be24(at + 3);
        c->type = at[6];
    }
    if (h->format == 0) {
        c->stream = ck_load_le32(at + 7);
    }
}

static int begin_message(ck_rtmp_dechunk *d, ck_rtmp_chunk_in *c)
{
    bool command = c->type == CK_RTMP_COMMAND || c->type == CK_RTMP_COMMAND_AMF3;
    uint32_t limit = command ? d->command_bytes_max : d->message_bytes_max;
    if (c->length > limit || d->reassembly_bytes + c->length > d->reassembly_bytes_max) {
        return CHALK_ERR_TOO_LARGE;
    }
    if (c->length > 0) {
        c->body = ck_slice_new(d->alloc, c->length);
        if (c->body.data == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
    }
    d->reassembly_bytes += c->length;
    c->begun = true;
    c->filled = 0;
    return CHALK_OK;
}

/* Takes the header that read_header completed into effect. */
static int begin_chunk(ck_rtmp_dechunk *d, const chunk_header *h)
{
    if (h->index == d->count) {
        /* Types 1 and 2 say what changed since a header that never came. */
        int status = h->format == 0 || h->format == 1 ? add_stream(d, h->id) : CHALK_ERR_PROTOCOL;
        if (status < 0) {
            return status;
        }
    }
    ck_rtmp_chunk_in *c = &d->streams[h->index];
    if (c->begun && h->format != 3) {
        return CHALK_ERR_PROTOCOL;
    }
    if (!c->begun) {
        apply_header(c, h, d->header);
        int status = begin_message(d, c);
        if (status < 0) {
            return status;
        }
    }
    d->header_size = 0;
    d->current = h->index;
    d->chunk_left = CK_MIN(d->chunk_size, c->length - c->filled);
    return CHALK_OK;
}

static void take_payload(ck_rtmp_dechunk *d, ck_reader *in)
{
    ck_rtmp_chunk_in *c = &d->streams[d->current];
    size_t size = CK_MIN(ck_reader_left(in), (size_t)d->chunk_left);
    if (size > 0) {
        memcpy(ck_slice_mutable(c->body) + c->filled, in->at, size);
        in->at += size;
        c->filled += (uint32_t)size;
        d->chunk_left -= (uint32_t)size;
    }
}

static bool take_message(ck_rtmp_dechunk *d, ck_rtmp_message *message)
{
    ck_rtmp_chunk_in *c = &d->streams[d->current];
    if (!c->begun || c->filled < c->length) {
        return false;
    }
    *message = (ck_rtmp_message){.type = c->type,
                                 .chunk_stream = c->id,
                                 .stream = c->stream,
                                 .timestamp_ms = c->timestamp_ms,
                                 .body = c->body};
    c->body = (ck_slice){NULL, NULL, 0};
    d->reassembly_bytes -= c->length;
    c->begun = false;
    c->filled = 0;
    return true;
}

/* Goes on until a message is whole (1), the input ends or bytes were put back (0), or an error. */
static int step(ck_rtmp_dechunk *d, ck_reader *in, ck_rtmp_message *message)
{
    do {
        if (d->chunk_left == 0) {
            chunk_header header;
            int status = read_header(d, in, &header);
            if (status == 1) {
                status = begin_chunk(d, &header);
            } else if (status == 0) {
                return 0;
            }
            if (status < 0) {
                return status;
            }
        }
        /* Bytes that were put back come before the rest of the input. */
        if (d->unread_size > 0) {
            return 0;
        }
        take_payload(d, in);
        if (d->chunk_left == 0 && take_message(d, message)) {
            return 1;
        }
    } while (in->at < in->end);
    return 0;
}

/* One step over bytes that were put back; what it leaves stays put back. */
static int step_unread(ck_rtmp_dechunk *d, ck_rtmp_message *message)
{
    uint8_t held[sizeof d->unread] = {0};
    ck_reader in = ck_reader_of(held, d->unread_size);
    memcpy(held, d->unread, d->unread_size);
    d->unread_size = 0;
    int status = step(d, &in, message);
    size_t left = ck_reader_left(&in);
    CK_INVARIANT(d->unread_size + left <= sizeof d->unread, return CHALK_ERR_PROTOCOL);
    memcpy(d->unread + d->unread_size, in.at, left);
    d->unread_size = (uint8_t)(d->unread_size + left);
    return status;
}

int ck_rtmp_dechunk_feed(ck_rtmp_dechunk *d, const uint8_t *data, size_t size, size_t *used,
                         ck_rtmp_message *message)
{
    ck_reader in = ck_reader_of(data, size);
    int status = 0;
    while (status == 0 && (d->unread_size > 0 || in.at < in.end)) {
        status = d->unread_size > 0 ? step_unread(d, message) : step(d, &in, message);
    }
    *used = size - ck_reader_left(&in);
    return status;
}
