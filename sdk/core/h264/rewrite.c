#include "core/h264/rewrite.h"

#include "chalkrail/errors.h"

static bool is_framing(enum ck_h264_framing framing)
{
    return framing == CK_H264_ANNEX_B || framing == CK_H264_AVCC_1 || framing == CK_H264_AVCC_2 ||
           framing == CK_H264_AVCC_4;
}

int ck_h264_put_nal(ck_buf *out, enum ck_h264_framing framing, const void *data, size_t size)
{
    if (!is_framing(framing)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    const uint8_t *bytes = data;
    size_t old_size = out->size;
    if (framing == CK_H264_ANNEX_B) {
        /* A bare start code inside would cut the unit in two for whoever reads it. */
        if (size > 0 && ck_h264_find_start_code(bytes, bytes + size) != bytes + size) {
            return CHALK_ERR_BAD_DATA;
        }
        ck_buf_put_be32(out, 1);
    } else {
        if (framing != CK_H264_AVCC_4 && size >> (8 * framing) != 0) {
            return CHALK_ERR_TOO_LARGE;
        }
        if (size > UINT32_MAX) {
            return CHALK_ERR_TOO_LARGE;
        }
        for (int shift = 8 * (int)framing - 8; shift >= 0; shift -= 8) {
            ck_buf_put_u8(out, (uint8_t)(size >> shift));
        }
    }
    ck_buf_put(out, data, size);
    int status = ck_buf_status(out);
    if (status < 0) {
        out->size = old_size;
    }
    return status;
}

/* One run of ck_h264_rewrite_unit. */
typedef struct rewriting {
    const ck_h264_rewrite *how;
    ck_buf *out;
    int count;
    bool params_due; /* still to be inserted */
    bool sei_due;
} rewriting;

static int put(rewriting *run, const void *data, size_t size)
{
    int status = ck_h264_put_nal(run->out, run->how->to, data, size);
    run->count += status == CHALK_OK;
    return status;
}

static int put_span(rewriting *run, const ck_h264_span *span)
{
    return span->size > 0 ? put(run, span->data, span->size) : CHALK_OK;
}

/* What belongs in front of `nal`, which is about to be written. */
static int put_insertions(rewriting *run, const ck_h264_nal *nal)
{
    int status = CHALK_OK;
    if (run->params_due && nal->type != CK_H264_AUD) {
        run->params_due = false;
        status = put_span(run, &run->how->sps);
        if (status == CHALK_OK) {
            status = put_span(run, &run->how->pps);
        }
    }
    /* A prefix unit belongs to the slice behind it; nothing may come between them. */
    bool picture = ck_h264_is_vcl(nal->type) || nal->type == CK_H264_PREFIX;
    if (status == CHALK_OK && run->sei_due && picture) {
        run->sei_due = false;
        status = put_span(run, &run->how->sei);
    }
    return status;
}

static int prepare(rewriting *run, const void *data, size_t size)
{
    const ck_h264_rewrite *how = run->how;
    ck_h264_unit_info info;
    int status = ck_h264_inspect(how->from, data, size, &info);
    if (status < 0) {
        return status;
    }
    uint32_t kept = info.types & ~how->drop;
    bool keeps_both = (kept & CK_H264_DROP_PARAMETER_SETS) == CK_H264_DROP_PARAMETER_SETS;
    run->params_due = info.is_key && !keeps_both;
    run->sei_due = how->sei.size > 0;
    return run->sei_due && !info.has_picture ? CHALK_ERR_NOT_FOUND : CHALK_OK;
}

int ck_h264_rewrite_unit(const ck_h264_rewrite *how, const void *data, size_t size, ck_buf *out)
{
    rewriting run = {.how = how, .out = out};
    size_t old_size = out->size;
    int status = prepare(&run, data, size);
    ck_h264_walk walk = ck_h264_walk_of(how->from, data, size);
    ck_h264_nal nal;
    while (status == CHALK_OK && ck_h264_walk_next(&walk, &nal) > 0) {
        if ((how->drop >> nal.type & 1) != 0) {
            continue;
        }
        status = put_insertions(&run, &nal);
        if (status == CHALK_OK) {
            status = put(&run, nal.data, nal.size);
        }
    }
    if (status < 0) {
        out->size = old_size;
        return status;
    }
    return run.count;
}

int ck_h264_to_avcc(const void *data, size_t size, enum ck_h264_framing to, ck_buf *out)
{
    ck_h264_rewrite how = {.from = CK_H264_ANNEX_B, .to = to};
    return ck_h264_rewrite_unit(&how, data, size, out);
}

int ck_h264_to_annex_b(const void *data, size_t size, enum ck_h264_framing from, ck_buf *out)
{
    ck_h264_rewrite how = {.from = from, .to = CK_H264_ANNEX_B};
    return ck_h264_rewrite_unit(&how, data, size, out);
}
