#include "codec/avc_out.h"

#include "base/check.h"
#include "core/flv/avcc.h"
#include "core/h264/rewrite.h"

#include <string.h>

#define SETS_MAX   8u
#define RECORD_MAX 65536u

void ck_avc_out_init(ck_avc_out *o, uint64_t gop_us)
{
    memset(o, 0, sizeof(*o));
    o->gop_us = gop_us;
    ck_buf_init(&o->scratch, &ck_heap, CK_AVC_UNIT_MAX);
}

void ck_avc_out_free(ck_avc_out *o)
{
    for (uint32_t i = 0; i < o->queued; i++) {
        ck_packet_unref(&o->queue[i]);
    }
    o->queued = 0;
    ck_slice_unref(&o->config);
    ck_buf_free(&o->scratch);
}

bool ck_avc_key_is_due(const ck_avc_out *o, int64_t pts_us)
{
    return !o->has_key || (o->gop_us > 0 && pts_us - o->key_us >= (int64_t)o->gop_us);
}

typedef struct parameter_sets {
    ck_avcc_unit sps[SETS_MAX];
    ck_avcc_unit pps[SETS_MAX];
    size_t sps_count;
    size_t pps_count;
} parameter_sets;

static int collect_sets(const void *annex_b, size_t size, parameter_sets *out)
{
    ck_h264_walk walk = ck_h264_walk_of(CK_H264_ANNEX_B, annex_b, size);
    ck_h264_nal nal;
    int status = 0;
    while ((status = ck_h264_walk_next(&walk, &nal)) > 0) {
        const ck_avcc_unit unit = {nal.data, nal.size};
        if (nal.type == CK_H264_SPS && out->sps_count < SETS_MAX) {
            out->sps[out->sps_count++] = unit;
        } else if (nal.type == CK_H264_PPS && out->pps_count < SETS_MAX) {
            out->pps[out->pps_count++] = unit;
        }
    }
    return status;
}

static int write_record(const parameter_sets *sets, ck_slice *out)
{
    ck_avcc record;
    ck_buf bytes;
    ck_buf_init(&bytes, &ck_heap, RECORD_MAX);
    int status = ck_avcc_from_sets(&record, sets->sps, sets->sps_count, sets->pps, sets->pps_count);
    if (status == CHALK_OK) {
        ck_avcc_write(&bytes, &record);
        status = ck_buf_status(&bytes);
    }
    if (status == CHALK_OK) {
        *out = ck_slice_copy(&ck_heap, bytes.data, bytes.size);
        status = out->data != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    ck_buf_free(&bytes);
    return status;
}

int ck_avc_out_config(ck_avc_out *o, const void *annex_b, size_t size)
{
    parameter_sets sets = {0};
    int status = collect_sets(annex_b, size, &sets);
    if (status != CHALK_OK) {
        return status;
    }
    ck_slice record = {0};
    status = write_record(&sets, &record);
    if (status != CHALK_OK) {
        return status;
    }
    ck_slice_unref(&o->config);
    o->config = record;
    return CHALK_OK;
}

/* Takes over parameter sets that stand in the stream; true in *changed when they are new. An
 * encoder that repeats its SPS without its PPS, or the other way round, repeats what is known. */
static int update_config(ck_avc_out *o, const void *annex_b, size_t size, bool *changed)
{
    parameter_sets sets = {0};
    *changed = false;
    int status = collect_sets(annex_b, size, &sets);
    if (status != CHALK_OK || sets.sps_count == 0 || sets.pps_count == 0) {
        return status;
    }
    ck_slice record = {0};
    status = write_record(&sets, &record);
    if (status != CHALK_OK) {
        return status;
    }
    *changed =
        record.size != o->config.size || memcmp(record.data, o->config.data, record.size) != 0;
    if (*changed) {
        ck_slice_unref(&o->config);
        o->config = record;
    } else {
        ck_slice_unref(&record);
    }
    return CHALK_OK;
}

static void push(ck_avc_out *o, ck_slice payload, ck_stamp stamp, bool key, bool config)
{
    CK_INVARIANT(o->queued < CK_COUNT_OF(o->queue), ck_slice_unref(&payload); return );
    o->queue[o->queued++] = (ck_packet){
        .codec = CHALK_CODEC_H264,
        .key = key,
        .config = config,
        .pts_us = stamp.pts_us,
        .dts_us = stamp.pts_us,
        .capture_us = stamp.capture_us,
        .payload = payload,
    };
}

int ck_avc_out_unit(ck_avc_out *o, const void *annex_b, size_t size, ck_stamp stamp)
{
    static const ck_h264_rewrite rewrite = {
        .from = CK_H264_ANNEX_B,
        .to = CK_H264_AVCC_4,
        .drop = CK_H264_DROP_FOR_FLV | CK_H264_BIT(CK_H264_SEI),
    };
    ck_h264_unit_info unit;
    int status = ck_h264_inspect(CK_H264_ANNEX_B, annex_b, size, &unit);
    if (status != CHALK_OK) {
        return status;
    }
    bool changed = false;
    status = update_config(o, annex_b, size, &changed);
    if (status != CHALK_OK) {
        return status;
    }
    ck_buf_clear(&o->scratch);
    const int count = ck_h264_rewrite_unit(&rewrite, annex_b, size, &o->scratch);
    if (count <= 0) {
        return count;
    }
    const ck_slice payload = ck_slice_copy(&ck_heap, o->scratch.data, o->scratch.size);
    if (payload.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (changed) {
        push(o, ck_slice_ref(o->config), stamp, true, true);
    }
    push(o, payload, stamp, unit.is_key, false);
    if (unit.is_key) {
        o->has_key = true;
        o->key_us = stamp.pts_us;
    }
    return CHALK_OK;
}

int ck_avc_out_receive(ck_avc_out *o, ck_packet *out)
{
    if (o->queued == 0) {
        return o->drained ? CHALK_ERR_END : CHALK_ERR_AGAIN;
    }
    *out = o->queue[0];
    o->queue[0] = o->queue[1];
    o->queued--;
    return CHALK_OK;
}
