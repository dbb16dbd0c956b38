/* What becomes of pictures behind the encoder: numbered, stamped with room time, handed out; and
 * the pictures that need no encoder. All of it on the encoding's thread. */
#include "runtime/media/encoding_inside.h"

#include "core/flv/avcc.h"
#include "core/h264/rewrite.h"
#include "core/h264/stamp.h"

#define STAMP_US 1000000 /* room time at least this often while pictures flow */
#define UNIT_MAX (8u << 20)

void ck_encoding_configure_still(ck_encoding *e, ck_slice record)
{
    ck_avcc sets;
    e->still = (ck_h264_still){0};
    /* With several sets it would have to be known which of them a picture uses. */
    if (e->config.codec == CHALK_CODEC_H264 &&
        ck_avcc_parse(record.data, record.size, &sets) == CHALK_OK && sets.length_size == 4 &&
        sets.sps_count == 1 && sets.pps_count == 1) {
        ck_h264_still_configure(&e->still, sets.sps[0].data, sets.sps[0].size, sets.pps[0].data,
                                sets.pps[0].size);
    }
    e->rest.free_repeats = e->still.fits;
}

/* Replaces the packet's payload by what is in `unit`. */
static int replace_payload(ck_packet *packet, const ck_buf *unit)
{
    ck_slice copy = ck_slice_copy(&ck_heap, unit->data, unit->size);
    if (copy.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_slice_unref(&packet->payload);
    packet->payload = copy;
    return CHALK_OK;
}

/* The access unit with a room-time stamp in it, where one is due. */
static void stamp_packet(ck_encoding *e, ck_packet *packet)
{
    bool due = packet->key || packet->pts_us - e->last_stamp_us >= STAMP_US;
    if (e->config.stamps == NULL || packet->codec != CHALK_CODEC_H264 || !due) {
        return;
    }
    bool confirmed = false;
    uint64_t room_us =
        ck_stamp_clock_at(e->config.stamps, packet->capture_us, ck_clock_us(), &confirmed);
    const ck_h264_stamp stamp = {
        .media_us = (uint64_t)packet->pts_us,
        .room_us = room_us,
        .flags = confirmed ? 0 : CK_H264_STAMP_LOCAL_CLOCK,
    };
    ck_buf sei, unit;
    ck_buf_init(&sei, &ck_heap, 256);
    ck_buf_init(&unit, &ck_heap, UNIT_MAX);
    int status = ck_h264_stamp_write(&sei, &stamp);
    if (status == CHALK_OK) {
        const ck_h264_rewrite how = {
            .from = CK_H264_AVCC_4, .to = CK_H264_AVCC_4, .sei = {sei.data, sei.size}};
        status = ck_h264_rewrite_unit(&how, packet->payload.data, packet->payload.size, &unit);
    }
    if (status >= 0) {
        status = replace_payload(packet, &unit);
    }
    if (status == CHALK_OK) {
        e->last_stamp_us = packet->pts_us;
    } else {
        ck_logf(e->config.log, 2, "encoding", "a picture goes without its room time: %s",
                chalk_error_text(status));
    }
    ck_buf_free(&sei);
    ck_buf_free(&unit);
}

/* A picture on its last step. */
static void hand_out_picture(ck_encoding *e, ck_packet *packet, uint64_t *bytes)
{
    stamp_packet(e, packet);
    *bytes += packet->payload.size;
    e->last_key_us = packet->key ? packet->pts_us : e->last_key_us;
    uv_mutex_lock(&e->lock);
    e->stats.frames_encoded++;
    e->stats.key_frames += packet->key;
    e->stats.bytes_encoded += packet->payload.size;
    uv_mutex_unlock(&e->lock);
    ck_encoding_hand_out(e, packet);
}

/* Moves the encoder's numbers behind those of repeated pictures. */
static int number_packet(ck_encoding *e, ck_packet *packet)
{
    ck_buf unit;
    ck_buf_init(&unit, &ck_heap, UNIT_MAX);
    bool moved = e->still.made > 0 && !packet->key;
    int status = ck_h264_still_pass(&e->still, packet->payload.data, packet->payload.size, &unit);
    if (status == 1) {
        status = replace_payload(packet, &unit);
    } else if (status < 0 && !moved) {
        status = CHALK_OK; /* nothing to move: only repeating is over */
    }
    ck_buf_free(&unit);
    return status;
}

static int pass_picture(ck_encoding *e, ck_packet *packet, uint64_t *bytes)
{
    int status = number_packet(e, packet);
    if (status < 0) {
        return status;
    }
    ck_packet_unref(&e->key_packet);
    if (packet->key && e->still.able) {
        e->key_packet = ck_packet_ref(packet);
    }
    hand_out_picture(e, packet, bytes);
    e->key_was_last = packet->key;
    return CHALK_OK;
}

int ck_encoding_receive(ck_encoding *e, uint64_t capture_us, uint64_t *bytes)
{
    for (;;) {
        ck_packet packet;
        int status = e->backend->receive(e->encoder, &packet);
        if (status == CHALK_ERR_AGAIN || status == CHALK_ERR_END) {
            return CHALK_OK;
        }
        if (status < 0) {
            return status;
        }
        packet.capture_us = capture_us;
        if (packet.config) {
            ck_encoding_configure_still(e, packet.payload);
            ck_encoding_hand_out(e, &packet);
        } else {
            status = pass_picture(e, &packet, bytes);
        }
        ck_packet_unref(&packet);
        if (status < 0) {
            return status;
        }
    }
}

int ck_encoding_send_repeat(ck_encoding *e, int64_t pts_us, uint64_t capture_us, uint64_t *bytes)
{
    if (!e->still.able) {
        return CHALK_ERR_BAD_STATE;
    }
    ck_buf unit;
    ck_buf_init(&unit, &ck_heap, UNIT_MAX);
    ck_packet packet = {
        .codec = CHALK_CODEC_H264, .pts_us = pts_us, .dts_us = pts_us, .capture_us = capture_us};
    int status = ck_h264_still_make(&e->still, &unit);
    if (status == CHALK_OK) {
        status = replace_payload(&packet, &unit);
    }
    if (status == CHALK_OK) {
        hand_out_picture(e, &packet, bytes);
        e->key_was_last = false;
    }
    ck_packet_unref(&packet);
    ck_buf_free(&unit);
    return status;
}

int ck_encoding_send_key_again(ck_encoding *e, int64_t pts_us, uint64_t capture_us, uint64_t *bytes)
{
    if (e->key_packet.payload.size == 0) {
        return CHALK_ERR_BAD_STATE;
    }
    ck_packet packet = ck_packet_ref(&e->key_packet);
    packet.pts_us = pts_us;
    packet.dts_us = pts_us;
    packet.capture_us = capture_us;
    int status = number_packet(e, &packet);
    if (status == CHALK_OK) {
        hand_out_picture(e, &packet, bytes);
        e->key_was_last = true;
    }
    ck_packet_unref(&packet);
    return status;
}
