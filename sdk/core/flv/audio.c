#include "core/flv/audio.h"

#include "base/bytes.h"
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/enhanced.h"

#include <string.h>

#define EX_MULTITRACK 5

static const char *legacy_name(uint8_t codec_id)
{
    static const char names[][16] = {
        "PCM",           "ADPCM",      "MP3",         "PCM",          "Nellymoser 16k",
        "Nellymoser 8k", "Nellymoser", "G.711 A-law", "G.711 mu-law", "",
        "AAC",           "Speex",
    };
    if (codec_id == CK_FLV_SOUND_MP3_8K) {
        return "MP3 8k";
    }
    return codec_id < CK_COUNT_OF(names) ? names[codec_id] : "an unknown codec";
}

static void read_legacy(ck_reader *r, uint8_t first, ck_flv_audio *out)
{
    static const uint16_t rates_hz[] = {5512, 11025, 22050, 44100};
    out->packet_type = CK_FLV_PACKET_FRAMES;
    out->rate_hz = rates_hz[first >> 2 & 3];
    out->sample_bits = (first & 2) != 0 ? 16 : 8;
    out->channels = (first & 1) != 0 ? 2 : 1;
    if (out->codec_id == CK_FLV_SOUND_AAC) {
        static const uint8_t packets[] = {CK_FLV_PACKET_CONFIG, CK_FLV_PACKET_FRAMES};
        uint8_t type = ck_read_u8(r);
        out->fourcc = CK_FOURCC_AAC;
        out->packet_type = type < CK_COUNT_OF(packets) ? packets[type] : CK_FLV_PACKET_OTHER;
    }
}

static void read_enhanced(ck_reader *r, uint8_t first, ck_flv_audio *out)
{
    static const uint8_t packets[] = {
        CK_FLV_PACKET_CONFIG, CK_FLV_PACKET_FRAMES,   CK_FLV_PACKET_END,
        CK_FLV_PACKET_OTHER,  CK_FLV_PACKET_METADATA,
    };
    ck_flv_enhanced e = {.packet = first & 0x0f};
    ck_flv_read_mod_ex(r, &e);
    ck_flv_read_fourcc(r, EX_MULTITRACK, &e);
    out->enhanced = true;
    out->nano_offset = e.nano_offset;
    out->fourcc = e.fourcc;
    out->multitrack = e.multitrack;
    out->packet_type = e.packet < CK_COUNT_OF(packets) ? packets[e.packet] : CK_FLV_PACKET_OTHER;
}

static const char *refusal(const ck_flv_audio *a)
{
    if (a->packet_type == CK_FLV_PACKET_METADATA || a->packet_type == CK_FLV_PACKET_OTHER) {
        return NULL;
    }
    if (a->multitrack) {
        return "several audio tracks in one stream";
    }
    if (a->fourcc == CK_FOURCC_AAC || a->fourcc == CK_FOURCC_OPUS) {
        return NULL;
    }
    return a->enhanced ? ck_fourcc_name(a->fourcc) : legacy_name(a->codec_id);
}

int ck_flv_audio_parse(const void *body, size_t size, ck_flv_audio *out)
{
    ck_reader r = ck_reader_of(body, size);
    memset(out, 0, sizeof *out);
    if (size == 0) {
        out->packet_type = CK_FLV_PACKET_END;
        return CHALK_OK;
    }
    uint8_t first = ck_read_u8(&r);
    out->codec_id = first >> 4;
    if (out->codec_id == CK_FLV_SOUND_ENHANCED) {
        read_enhanced(&r, first, out);
    } else {
        read_legacy(&r, first, out);
    }
    if (r.failed) {
        return CHALK_ERR_BAD_DATA;
    }
    out->payload_size = ck_reader_left(&r);
    out->payload_offset = size - out->payload_size;
    out->refused = refusal(out);
    return out->refused == NULL ? CHALK_OK : CHALK_ERR_CODEC_UNKNOWN;
}

bool ck_flv_audio_is_config(const void *body, size_t size)
{
    ck_flv_audio a;
    return ck_flv_audio_parse(body, size, &a) != CHALK_ERR_BAD_DATA &&
           a.packet_type == CK_FLV_PACKET_CONFIG;
}

void ck_flv_write_audio_head(uint8_t out[CK_FLV_ENHANCED_HEAD], uint32_t fourcc,
                             enum ck_flv_packet packet_type)
{
    ck_flv_write_enhanced(out, CK_FLV_SOUND_ENHANCED << 4, fourcc, packet_type);
}

void ck_flv_write_aac_head(uint8_t out[CK_FLV_AAC_HEAD], enum ck_flv_packet packet_type)
{
    out[0] = CK_FLV_SOUND_AAC << 4 | 0x0f;
    out[1] = packet_type == CK_FLV_PACKET_CONFIG ? 0 : 1;
}
