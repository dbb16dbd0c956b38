/*
 * The chunk reader alone. The first byte says how long a feed is; what comes out decides what a
 * connection would do with it: chunk size and abort messages take effect.
 */
#include "base/bytes.h"
#include "core/rtmp/dechunk.h"
#include "support/alloc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void obey(ck_rtmp_dechunk *d, const ck_rtmp_message *message)
{
    if (message->body.size < 4) {
        return;
    }
    uint32_t value = ck_load_be32(message->body.data);
    if (message->type == CK_RTMP_SET_CHUNK_SIZE) {
        (void)ck_rtmp_dechunk_set_chunk_size(d, value);
    } else if (message->type == CK_RTMP_ABORT) {
        ck_rtmp_dechunk_abort(d, value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_failing_alloc f;
    ck_rtmp_dechunk d;
    int status = 0;
    size_t piece = size > 0 ? 1u + data[0] : 1;
    ck_failing_alloc_init(&f, 0);
    ck_rtmp_dechunk_init(&d, &f.alloc);
    d.message_bytes_max = 100000;
    d.reassembly_bytes_max = 200000;
    d.chunk_streams_max = 8;
    for (size_t at = 1; at < size && status >= 0;) {
        ck_rtmp_message message;
        size_t used = 0;
        size_t left = size - at;
        status = ck_rtmp_dechunk_feed(&d, data + at, piece < left ? piece : left, &used, &message);
        at += used;
        if (status == 1) {
            obey(&d, &message);
            ck_slice_unref(&message.body);
        } else if (status == 0 && used == 0) {
            abort(); /* input without progress would spin a connection */
        }
        if (d.reassembly_bytes > d.reassembly_bytes_max) {
            abort();
        }
    }
    ck_rtmp_dechunk_free(&d);
    if (f.live != 0) {
        abort();
    }
    return 0;
}
