#include "core/flv/video.h"

#include "base/bytes.h"
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/enhanced.h"

#include <string.h>

#define IS_EX_HEADER    0x80
#define CODEC_ID_AVC    7
#define EX_MULTITRACK   6
#define EX_METADATA     4
#define EX_CODED_FRAMES 1
#define COMPOSITION_MIN (-0x800000)
#define COMPOSITION_MAX 0x7fffff

static int32_t read_composition_time(ck_reader *r)
{
    uint32_t bits = ck_read_be24(r);
    return (int32_t)bits - (bits >= 0x800000 ? 0x1000000 : 0);
}

static const char *legacy_name(uint8_t codec_id)
{
    static const char names[][16] = {
        "video codec 0", "JPEG",           "Sorenson H.263", "Screen video",
        "VP6",           "VP6 with alpha", "Screen video 2",
    };
    return codec_id < CK_COUNT_OF(names) ? names[codec_id] : "an unknown codec";
}

static uint8_t avc_packet(uint8_t type)
{
    static const uint8_t packets[] = {CK_FLV_PACKET_CONFIG, CK_FLV_PACKET_FRAMES,
                                      CK_FLV_PACKET_END};
    return type < CK_COUNT_OF(packets) ? packets[type] : CK_FLV_PACKET_OTHER;
}

static void read_legacy(ck_reader *r, uint8_t first, ck_flv_video *out)
{
    out->codec_id = first & 0x0f;
    out->packet_type = CK_FLV_PACKET_FRAMES;
    if (out->frame_type == CK_FLV_FRAME_COMMAND) {
        out->packet_type = CK_FLV_PACKET_COMMAND;
    }
    if (out->codec_id == CODEC_ID_AVC) {
        out->fourcc = CK_FOURCC_AVC;
    }
    if (out->fourcc == CK_FOURCC_AVC && out->packet_type == CK_FLV_PACKET_FRAMES) {
        out->packet_type = avc_packet(ck_read_u8(r));
        int32_t time_ms = read_composition_time(r);
        out->composition_time_ms = out->packet_type == CK_FLV_PACKET_FRAMES ? time_ms : 0;
    }
}

static uint8_t enhanced_packet(uint8_t type)
{
    /* 5 starts a sequence in MPEG-2 TS form, which no codec that is accepted here has. */
    static const uint8_t packets[] = {
        CK_FLV_PACKET_CONFIG, CK_FLV_PACKET_FRAMES,   CK_FLV_PACKET_END,
        CK_FLV_PACKET_FRAMES, CK_FLV_PACKET_METADATA, CK_FLV_PACKET_OTHER,
    };
    return type < CK_COUNT_OF(packets) ? packets[type] : CK_FLV_PACKET_OTHER;
}

static bool has_composition_time(uint32_t fourcc)
{
    return fourcc == CK_FOURCC_AVC || fourcc == CK_FOURCC_HEVC || fourcc == CK_FOURCC_VVC;
}

static void read_enhanced(ck_reader *r, uint8_t first, ck_flv_video *out)
{
    ck_flv_enhanced e = {.packet = first & 0x0f};
    out->enhanced = true;
    ck_flv_read_mod_ex(r, &e);
    out->nano_offset = e.nano_offset;
    if (e.packet != EX_METADATA && out->frame_type == CK_FLV_FRAME_COMMAND) {
        out->packet_type = CK_FLV_PACKET_COMMAND;
        return;
    }
    ck_flv_read_fourcc(r, EX_MULTITRACK, &e);
    out->fourcc = e.fourcc;
    out->multitrack = e.multitrack;
    out->packet_type = enhanced_packet(e.packet);
    if (e.packet == EX_CODED_FRAMES && !e.multitrack && has_composition_time(e.fourcc)) {
        out->composition_time_ms = read_composition_time(r);
    }
}

static const char *refusal(const ck_flv_video *v)
{
    bool carries_picture = v->packet_type == CK_FLV_PACKET_CONFIG ||
                           v->packet_type == CK_FLV_PACKET_FRAMES ||
                           v->packet_type == CK_FLV_PACKET_END;
    if (!carries_picture) {
        return NULL;
    }
    if (v->multitrack) {
        return "several video tracks in one stream";
    }
    if (v->fourcc == CK_FOURCC_AVC || v->fourcc == CK_FOURCC_VP8) {
        return NULL;
    }
    return v->enhanced ? ck_fourcc_name(v->fourcc) : legacy_name(v->codec_id);
}

int ck_flv_video_parse(const void *body, size_t size, ck_flv_video *out)
{
    ck_reader r = ck_reader_of(body, size);
    memset(out, 0, sizeof *out);
    uint8_t first = ck_read_u8(&r);
    out->frame_type = first >> 4 & 7;
    if ((first & IS_EX_HEADER) != 0) {
        read_enhanced(&r, first, out);
    } else {
        read_legacy(&r, first, out);
    }
    bool ignores_frame_type = out->packet_type == CK_FLV_PACKET_METADATA;
    bool reserved = out->frame_type < CK_FLV_FRAME_KEY || out->frame_type > CK_FLV_FRAME_COMMAND;
    if (r.failed || (reserved && !ignores_frame_type)) {
        return CHALK_ERR_BAD_DATA;
    }
    out->payload_size = ck_reader_left(&r);
    out->payload_offset = size - out->payload_size;
    out->refused = refusal(out);
    return out->refused == NULL ? CHALK_OK : CHALK_ERR_CODEC_UNKNOWN;
}

bool ck_flv_video_is_key(const void *body, size_t size)
{
    ck_flv_video v;
    return ck_flv_video_parse(body, size, &v) != CHALK_ERR_BAD_DATA &&
           v.packet_type == CK_FLV_PACKET_FRAMES &&
           (v.frame_type == CK_FLV_FRAME_KEY || v.frame_type == CK_FLV_FRAME_GENERATED_KEY);
}

bool ck_flv_video_is_config(const void *body, size_t size)
{
    ck_flv_video v;
    return ck_flv_video_parse(body, size, &v) != CHALK_ERR_BAD_DATA &&
           v.packet_type == CK_FLV_PACKET_CONFIG;
}

void ck_flv_write_video_head(uint8_t out[CK_FLV_ENHANCED_HEAD], uint32_t fourcc, bool key,
                             enum ck_flv_packet packet_type)
{
    uint8_t frame = key ? CK_FLV_FRAME_KEY : CK_FLV_FRAME_INTER;
    ck_flv_write_enhanced(out, (uint8_t)(IS_EX_HEADER | frame << 4), fourcc, packet_type);
}

void ck_flv_write_avc_head(uint8_t out[CK_FLV_AVC_HEAD], bool key, enum ck_flv_packet packet_type,
                           int32_t composition_time_ms)
{
    int32_t time_ms = CK_CLAMP(composition_time_ms, COMPOSITION_MIN, COMPOSITION_MAX);
    uint8_t type = packet_type == CK_FLV_PACKET_CONFIG   ? 0
                   : packet_type == CK_FLV_PACKET_FRAMES ? 1
                                                         : 2;
    out[0] = (uint8_t)((key ? CK_FLV_FRAME_KEY : CK_FLV_FRAME_INTER) << 4 | CODEC_ID_AVC);
    out[1] = type;
    ck_store_be24(out + 2, type == 1 ? (uint32_t)time_ms & 0xffffff : 0);
}
