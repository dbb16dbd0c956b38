#include "core/aac/config.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/aac/bits.h"

#include <string.h>

#define RATE_ESCAPE    15
#define RATE_MIN_HZ    1000u
#define RATE_MAX_HZ    192000u
#define SYNC_EXTENSION 0x2b7 /* 1.6.6: an SBR extension follows the core configuration */
#define SYNC_PS        0x548
#define ER_BSAC        22

static const uint32_t rates_hz[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                    22050, 16000, 12000, 11025, 8000,  7350};

int ck_aac_rate_index(uint32_t rate_hz)
{
    for (size_t i = 0; i < CK_COUNT_OF(rates_hz); i++) {
        if (rates_hz[i] == rate_hz) {
            return (int)i;
        }
    }
    return -1;
}

uint32_t ck_aac_rate_of_index(uint32_t index)
{
    return index < CK_COUNT_OF(rates_hz) ? rates_hz[index] : 0;
}

uint8_t ck_aac_channels(uint32_t channel_config)
{
    static const uint8_t channels[] = {0, 1, 2, 3, 4, 5, 6, 8};
    return channel_config < CK_COUNT_OF(channels) ? channels[channel_config] : 0;
}

static uint8_t read_object_type(ck_bits_in *b)
{
    uint32_t type = ck_bits_get(b, 5);
    return (uint8_t)(type == 31 ? 32 + ck_bits_get(b, 6) : type);
}

/* 0 for a reserved index or a rate that no audio has. */
static uint32_t read_rate(ck_bits_in *b)
{
    uint32_t index = ck_bits_get(b, 4);
    if (index != RATE_ESCAPE) {
        return ck_aac_rate_of_index(index);
    }
    uint32_t rate_hz = ck_bits_get(b, 24);
    return rate_hz >= RATE_MIN_HZ && rate_hz <= RATE_MAX_HZ ? rate_hz : 0;
}

static const char *object_refusal(uint8_t type)
{
    switch (type) {
    case CK_AAC_MAIN:
        return "AAC Main";
    case CK_AAC_SSR:
        return "AAC SSR";
    case CK_AAC_LTP:
        return "AAC LTP";
    case 6:
        return "AAC Scalable";
    case 23:
        return "AAC-LD";
    case 34:
        return "MPEG-1 layer 3";
    case 36:
        return "MPEG-4 ALS";
    case 39:
        return "AAC-ELD";
    case 42:
        return "xHE-AAC";
    default:
        return "an unknown MPEG-4 audio object type";
    }
}

/* Object type 5 or 29 in front: the rate of the output, then the core's object type (1.6.5.2). */
static bool read_hierarchical_sbr(ck_bits_in *b, ck_aac_config *out)
{
    if (out->object_type != CK_AAC_SBR && out->object_type != CK_AAC_PS) {
        return true;
    }
    out->sbr = true;
    out->ps = out->object_type == CK_AAC_PS;
    out->extension_rate_hz = read_rate(b);
    out->object_type = read_object_type(b);
    if (out->object_type == ER_BSAC) {
        ck_bits_get(b, 4);
    }
    return out->extension_rate_hz != 0;
}

/* GASpecificConfig (4.4.1) of AAC-LC without a program config element. */
static void read_ga(ck_bits_in *b, ck_aac_config *out)
{
    out->frame_length = ck_bits_get(b, 1) != 0 ? 960 : 1024;
    if (ck_bits_get(b, 1) != 0) {
        ck_bits_get(b, 14); /* delay of a core coder */
    }
    ck_bits_get(b, 1); /* extensionFlag: nothing follows it for object type 2 */
}

/* Behind the core configuration, where old readers do not look (1.6.5.3). */
static bool read_compatible_sbr(ck_bits_in *b, ck_aac_config *out)
{
    if (out->sbr || ck_bits_left(b) < 16 || ck_bits_get(b, 11) != SYNC_EXTENSION ||
        read_object_type(b) != CK_AAC_SBR || ck_bits_get(b, 1) == 0) {
        return true;
    }
    out->sbr = true;
    out->extension_rate_hz = read_rate(b);
    if (ck_bits_left(b) >= 12 && ck_bits_get(b, 11) == SYNC_PS) {
        out->ps = ck_bits_get(b, 1) != 0;
    }
    return out->extension_rate_hz != 0;
}

static int refuse(ck_aac_config *out, const char *what)
{
    out->refused = what;
    return CHALK_ERR_CODEC_UNKNOWN;
}

int ck_aac_config_parse(const void *data, size_t size, ck_aac_config *out)
{
    ck_bits_in b = ck_bits_of(data, size);
    memset(out, 0, sizeof *out);
    out->object_type = read_object_type(&b);
    out->sample_rate_hz = read_rate(&b);
    out->channel_config = (uint8_t)ck_bits_get(&b, 4);
    out->channels = ck_aac_channels(out->channel_config);
    bool sound = read_hierarchical_sbr(&b, out) && out->sample_rate_hz != 0;
    if (b.failed || !sound || out->object_type == 0) {
        return CHALK_ERR_BAD_DATA;
    }
    if (out->object_type != CK_AAC_LC) {
        return refuse(out, object_refusal(out->object_type));
    }
    read_ga(&b, out);
    if (b.failed) {
        return CHALK_ERR_BAD_DATA;
    }
    if (out->channel_config == 0) {
        return refuse(out, "AAC channels in a program config element");
    }
    if (out->channels == 0 || !read_compatible_sbr(&b, out) || b.failed) {
        return CHALK_ERR_BAD_DATA;
    }
    return CHALK_OK;
}

static bool is_rate(uint32_t rate_hz)
{
    return rate_hz >= RATE_MIN_HZ && rate_hz <= RATE_MAX_HZ;
}

static void put_rate(ck_bits_out *b, uint32_t rate_hz)
{
    int index = ck_aac_rate_index(rate_hz);
    if (index >= 0) {
        ck_bits_put(b, 4, (uint32_t)index);
        return;
    }
    ck_bits_put(b, 4, RATE_ESCAPE);
    ck_bits_put(b, 24, rate_hz);
}

int ck_aac_config_write(uint8_t out[CK_AAC_CONFIG_MAX], const ck_aac_config *config)
{
    bool sbr_sound = config->sbr ? is_rate(config->extension_rate_hz) : !config->ps;
    if (config->object_type != CK_AAC_LC || !is_rate(config->sample_rate_hz) ||
        ck_aac_channels(config->channel_config) == 0 || !sbr_sound ||
        (config->frame_length != 1024 && config->frame_length != 960)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_bits_out b = {.data = out, .size = CK_AAC_CONFIG_MAX * 8};
    memset(out, 0, CK_AAC_CONFIG_MAX);
    ck_bits_put(&b, 5, config->ps ? CK_AAC_PS : config->sbr ? CK_AAC_SBR : CK_AAC_LC);
    put_rate(&b, config->sample_rate_hz);
    ck_bits_put(&b, 4, config->channel_config);
    if (config->sbr) {
        put_rate(&b, config->extension_rate_hz);
        ck_bits_put(&b, 5, CK_AAC_LC);
    }
    ck_bits_put(&b, 1, config->frame_length == 960);
    ck_bits_put(&b, 2, 0); /* no core coder, no extension */
    return (int)((b.at + 7) / 8);
}
