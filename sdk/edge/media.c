#include "edge/media.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/aac/config.h"
#include "core/flv/audio.h"
#include "core/flv/avcc.h"
#include "core/flv/meta.h"
#include "core/flv/video.h"
#include "core/h264/params.h"
#include "core/opus/head.h"
#include "core/vp8/frame.h"

#include <string.h>

#define OPUS_RATE_HZ 48000 /* whatever the encoder was given */

/* Enhanced RTMP v2 and the two legacy codecs that are still seen. */
static bool is_known(uint32_t fourcc)
{
    static const uint32_t known[] = {
        CK_FOURCC_AVC, CK_FOURCC_HEVC, CK_FOURCC_VVC,  CK_FOURCC_VP8, CK_FOURCC_VP9, CK_FOURCC_AV1,
        CK_FOURCC_AAC, CK_FOURCC_OPUS, CK_FOURCC_FLAC, CK_FOURCC_MP3, CK_FOURCC_AC3, CK_FOURCC_EAC3,
    };
    for (size_t i = 0; i < CK_COUNT_OF(known); i++) {
        if (known[i] == fourcc) {
            return true;
        }
    }
    return false;
}

static const char *audio_name(const ck_flv_audio *a)
{
    bool legacy_mp3 = !a->enhanced && a->codec_id == CK_FLV_SOUND_MP3;
    return ck_fourcc_name(legacy_mp3 ? CK_FOURCC_MP3 : a->fourcc);
}

static int classify_video(const ck_flv_tag *tag, enum ck_media_class *class, const char **refused)
{
    ck_flv_video v;
    int status = ck_flv_video_parse(tag->body.data, tag->body.size, &v);
    if (status == CHALK_ERR_CODEC_UNKNOWN && is_known(v.fourcc) && !v.multitrack) {
        status = CHALK_OK;
    }
    if (status != CHALK_OK) {
        *refused = v.refused;
        return status;
    }
    switch (v.packet_type) {
    case CK_FLV_PACKET_CONFIG:
        *class = CK_MEDIA_VIDEO_CONFIG;
        break;
    case CK_FLV_PACKET_FRAMES:
        *class =
            ck_flv_video_is_key(tag->body.data, tag->body.size) ? CK_MEDIA_KEY : CK_MEDIA_INTER;
        break;
    default:
        *class = CK_MEDIA_DATA;
        break;
    }
    return CHALK_OK;
}

static int classify_audio(const ck_flv_tag *tag, enum ck_media_class *class, const char **refused)
{
    ck_flv_audio a;
    int status = ck_flv_audio_parse(tag->body.data, tag->body.size, &a);
    bool legacy_mp3 = !a.enhanced && a.codec_id == CK_FLV_SOUND_MP3;
    if (status == CHALK_ERR_CODEC_UNKNOWN && (is_known(a.fourcc) || legacy_mp3) && !a.multitrack) {
        status = CHALK_OK;
    }
    if (status != CHALK_OK) {
        *refused = a.refused;
        return status;
    }
    switch (a.packet_type) {
    case CK_FLV_PACKET_CONFIG:
        *class = CK_MEDIA_AUDIO_CONFIG;
        break;
    case CK_FLV_PACKET_FRAMES:
        *class = CK_MEDIA_AUDIO;
        break;
    default:
        *class = CK_MEDIA_DATA;
        break;
    }
    return CHALK_OK;
}

int ck_media_classify(const ck_flv_tag *tag, enum ck_media_class *class, const char **refused)
{
    ck_flv_meta meta;
    *refused = NULL;
    *class = CK_MEDIA_NOTHING;
    if (tag->body.size == 0) {
        return CHALK_OK;
    }
    switch (tag->type) {
    case CK_FLV_VIDEO:
        return classify_video(tag, class, refused);
    case CK_FLV_AUDIO:
        return classify_audio(tag, class, refused);
    case CK_FLV_SCRIPT:
        *class = ck_flv_meta_parse(tag->body.data, tag->body.size, &meta) == CHALK_OK
                     ? CK_MEDIA_META
                     : CK_MEDIA_DATA;
        return CHALK_OK;
    default:
        return CHALK_ERR_BAD_DATA;
    }
}

void ck_media_describe_video(const ck_flv_tag *tag, ck_media_video *out)
{
    ck_flv_video v;
    ck_avcc record;
    ck_h264_sps sps;
    ck_vp8_frame vp8;
    int status = ck_flv_video_parse(tag->body.data, tag->body.size, &v);
    if (status == CHALK_ERR_BAD_DATA || v.fourcc == 0) {
        return;
    }
    out->codec = ck_fourcc_name(v.fourcc);
    if (v.fourcc == CK_FOURCC_AVC && v.packet_type == CK_FLV_PACKET_CONFIG &&
        ck_avcc_parse(tag->body.data + v.payload_offset, v.payload_size, &record) == CHALK_OK &&
        ck_h264_parse_sps(record.sps[0].data, record.sps[0].size, &sps) == CHALK_OK) {
        out->width = sps.width;
        out->height = sps.height;
    }
    if (v.fourcc == CK_FOURCC_VP8 && v.packet_type == CK_FLV_PACKET_FRAMES &&
        ck_vp8_frame_parse(tag->body.data + v.payload_offset, v.payload_size, &vp8) == CHALK_OK) {
        out->width = vp8.width;
        out->height = vp8.height;
    }
}

void ck_media_describe_audio(const ck_flv_tag *tag, ck_media_audio *out)
{
    ck_flv_audio a;
    ck_aac_config config;
    ck_opus_head opus;
    int status = ck_flv_audio_parse(tag->body.data, tag->body.size, &a);
    if (status == CHALK_ERR_BAD_DATA) {
        return;
    }
    out->codec = audio_name(&a);
    if (a.fourcc == CK_FOURCC_AAC && a.packet_type == CK_FLV_PACKET_CONFIG &&
        ck_aac_config_parse(tag->body.data + a.payload_offset, a.payload_size, &config) ==
            CHALK_OK) {
        out->rate_hz = config.sbr ? config.extension_rate_hz : config.sample_rate_hz;
        out->channels = config.ps ? 2 : config.channels;
    } else if (a.fourcc == CK_FOURCC_OPUS && a.packet_type == CK_FLV_PACKET_CONFIG &&
               ck_opus_head_parse(tag->body.data + a.payload_offset, a.payload_size, &opus) !=
                   CHALK_ERR_BAD_DATA) {
        out->rate_hz = OPUS_RATE_HZ;
        out->channels = opus.channels;
    } else if (a.fourcc != CK_FOURCC_AAC) {
        out->rate_hz = a.rate_hz;
        out->channels = a.channels;
    }
}
