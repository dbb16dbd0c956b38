/* AMF0 and FLV: what every received stream goes through. */
#include "bench/bench.h"

#include "chalkrail/errors.h"

#include "core/amf/amf.h"
#include "core/flv/demux.h"
#include "core/flv/mux.h"
#include "support/alloc.h"

#define TAGS       2000
#define BODY_BYTES 4000u
#define PIECE      65536u
#define OBJECTS    20000u

static void put_metadata(ck_buf *out)
{
    static const char *const numbers[] = {"width",         "height",        "framerate",
                                          "videodatarate", "audiodatarate", "audiosamplerate",
                                          "duration"};
    ck_amf_put_string(out, "onMetaData");
    ck_amf_put_ecma_array(out, 8);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        ck_amf_put_key_number(out, numbers[i], 1280.0);
    }
    ck_amf_put_key_string(out, "encoder", "a name of some length");
    ck_amf_put_end(out);
}

static size_t run_amf(uint64_t *units)
{
    ck_buf bytes;
    ck_buf_init(&bytes, &ck_test_heap, 4096);
    put_metadata(&bytes);
    size_t done = 0;
    for (*units = 0; *units < OBJECTS; ++*units) {
        ck_amf_in in;
        ck_amf_item item;
        ck_amf_in_init(&in, bytes.data, bytes.size);
        int status = CHALK_OK;
        while ((status = ck_amf_next(&in, &item)) == CHALK_OK) {
        }
        done = status == CHALK_ERR_END ? done + bytes.size : 0;
    }
    ck_buf_free(&bytes);
    return done;
}

const ck_bench ck_bench_amf = {"amf", "onMetaData decoded", run_amf};

static void put_tags(ck_buf *out)
{
    uint8_t head[CK_FLV_FILE_HEAD];
    ck_flv_write_file_head(head, true, true);
    ck_buf_put(out, head, sizeof head);
    for (uint32_t i = 0; i < TAGS; i++) {
        uint8_t tag[CK_FLV_TAG_HEAD], tail[CK_FLV_TAG_TAIL];
        ck_flv_write_tag_head(tag, CK_FLV_VIDEO, i * 40, BODY_BYTES);
        ck_flv_write_tag_tail(tail, BODY_BYTES);
        ck_buf_put(out, tag, sizeof tag);
        uint8_t *body = ck_buf_extend(out, BODY_BYTES);
        if (body != NULL) {
            ck_bench_fill(body, BODY_BYTES, i);
        }
        ck_buf_put(out, tail, sizeof tail);
    }
}

static size_t run_flv_demux(uint64_t *units)
{
    static ck_buf bytes; /* made once: the harness runs this many times */
    if (bytes.size == 0) {
        ck_buf_init(&bytes, &ck_test_heap, 64u << 20);
        put_tags(&bytes);
    }
    ck_flv_demux demux;
    ck_flv_demux_init(&demux, &(ck_flv_demux_config){.alloc = &ck_test_heap});
    *units = 0;
    for (size_t at = 0; at < bytes.size; at += PIECE) {
        size_t size = bytes.size - at < PIECE ? bytes.size - at : PIECE;
        ck_flv_tag tag;
        if (ck_flv_demux_feed(&demux, bytes.data + at, size) != CHALK_OK) {
            break;
        }
        while (ck_flv_demux_poll_tag(&demux, &tag) == CHALK_OK) {
            ck_slice_unref(&tag.body);
            ++*units;
        }
    }
    ck_flv_demux_free(&demux);
    return *units == TAGS ? bytes.size : 0;
}

const ck_bench ck_bench_flv_demux = {"flv_demux", "tag of 4,000 bytes", run_flv_demux};
