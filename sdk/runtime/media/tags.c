#include "runtime/media/tags.h"

#include "chalkrail/errors.h"

#include "base/text.h"
#include "core/aac/config.h"
#include "core/flv/audio.h"
#include "core/flv/avcc.h"
#include "core/flv/meta.h"
#include "core/flv/video.h"
#include "core/h264/params.h"
#include "runtime/os/os.h"

#include <string.h>

#define META_MAX      4096
#define FLV_CODEC_AVC 7
#define FLV_CODEC_AAC 10

int ck_tag_of_packet(const ck_packet *packet, ck_flv_tag *out)
{
    uint8_t head[CK_FLV_AVC_HEAD];
    size_t head_size = 0;
    enum ck_flv_packet kind = packet->config ? CK_FLV_PACKET_CONFIG : CK_FLV_PACKET_FRAMES;
    if (packet->codec == CHALK_CODEC_H264) {
        /* Each is rounded by itself, so that the player's sum is the presentation time rounded. */
        int64_t composition_ms = packet->pts_us / 1000 - packet->dts_us / 1000;
        ck_flv_write_avc_head(head, packet->key, kind, (int32_t)composition_ms);
        head_size = CK_FLV_AVC_HEAD;
    } else if (packet->codec == CHALK_CODEC_AAC) {
        ck_flv_write_aac_head(head, kind);
        head_size = CK_FLV_AAC_HEAD;
    } else {
        return CHALK_ERR_UNSUPPORTED;
    }
    ck_slice body = ck_slice_new(&ck_heap, head_size + packet->payload.size);
    if (body.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(ck_slice_mutable(body), head, head_size);
    memcpy(ck_slice_mutable(body) + head_size, packet->payload.data, packet->payload.size);
    out->type = packet->codec == CHALK_CODEC_H264 ? CK_FLV_VIDEO : CK_FLV_AUDIO;
    out->timestamp_ms = (uint32_t)(packet->dts_us / 1000); /* wraps as FLV's does */
    out->body = body;
    return CHALK_OK;
}

static void describe_video(const ck_packet *video, ck_flv_meta *meta)
{
    ck_avcc record;
    ck_h264_sps sps;
    meta->video_codec = FLV_CODEC_AVC;
    if (ck_avcc_parse(video->payload.data, video->payload.size, &record) == CHALK_OK &&
        ck_h264_parse_sps(record.sps[0].data, record.sps[0].size, &sps) == CHALK_OK) {
        meta->width = sps.width;
        meta->height = sps.height;
    }
}

static void describe_audio(const ck_packet *audio, ck_flv_meta *meta)
{
    ck_aac_config config;
    meta->audio_codec = FLV_CODEC_AAC;
    if (ck_aac_config_parse(audio->payload.data, audio->payload.size, &config) == CHALK_OK) {
        meta->audio_rate_hz = config.sample_rate_hz;
        meta->audio_channels = config.channels;
    }
}

int ck_tag_of_meta(const ck_packet *video, const ck_packet *audio, ck_flv_tag *out)
{
    ck_flv_meta meta = {0};
    (void)ck_text_copy(meta.encoder, sizeof meta.encoder, "Chalkrail");
    if (video != NULL && video->payload.size > 0) {
        describe_video(video, &meta);
    }
    if (audio != NULL && audio->payload.size > 0) {
        describe_audio(audio, &meta);
    }
    ck_buf buffer;
    ck_buf_init(&buffer, &ck_heap, META_MAX);
    ck_flv_meta_write(&buffer, &meta);
    int status = ck_buf_status(&buffer);
    if (status == CHALK_OK) {
        out->type = CK_FLV_SCRIPT;
        out->timestamp_ms = 0;
        out->body = ck_slice_copy(&ck_heap, buffer.data, buffer.size);
        status = out->body.data != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    ck_buf_free(&buffer);
    return status;
}

/* Only what the parser accepted gets here; control packets carry nothing to decode. */
static int share_payload(const ck_flv_tag *tag, uint8_t packet_type, size_t offset, size_t size,
                         ck_packet *out)
{
    bool media = packet_type == CK_FLV_PACKET_FRAMES || packet_type == CK_FLV_PACKET_CONFIG;
    if (!media || size == 0) {
        return CHALK_ERR_AGAIN;
    }
    out->config = packet_type == CK_FLV_PACKET_CONFIG;
    out->dts_us = (int64_t)tag->timestamp_ms * 1000;
    out->payload = ck_slice_part(tag->body, offset, size);
    return CHALK_OK;
}

int ck_packet_of_tag(const ck_flv_tag *tag, uint32_t *media, ck_packet *out, const char **refused)
{
    memset(out, 0, sizeof *out);
    if (tag->type == CK_FLV_VIDEO) {
        ck_flv_video video;
        int status = ck_flv_video_parse(tag->body.data, tag->body.size, &video);
        *refused = video.refused;
        *media = CHALK_MEDIA_VIDEO;
        out->codec = CHALK_CODEC_H264;
        if (status == CHALK_OK) {
            out->key = video.frame_type == CK_FLV_FRAME_KEY;
            status = share_payload(tag, video.packet_type, video.payload_offset, video.payload_size,
                                   out);
            out->pts_us = out->dts_us + (int64_t)video.composition_time_ms * 1000;
        }
        return status;
    }
    if (tag->type == CK_FLV_AUDIO) {
        ck_flv_audio audio;
        int status = ck_flv_audio_parse(tag->body.data, tag->body.size, &audio);
        *refused = audio.refused;
        *media = CHALK_MEDIA_AUDIO;
        out->codec = CHALK_CODEC_AAC;
        if (status == CHALK_OK) {
            out->key = true;
            status = share_payload(tag, audio.packet_type, audio.payload_offset, audio.payload_size,
                                   out);
            out->pts_us = out->dts_us;
        }
        return status;
    }
    return CHALK_ERR_AGAIN;
}
