#include "core/rtmp/capabilities.h"

#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/rtmp/command.h"

#define LIST           "fourCcList"
#define VIDEO_MAP      "videoFourCcInfoMap"
#define AUDIO_MAP      "audioFourCcInfoMap"
#define WILDCARD       "*"
#define CAPS_MOD_EX    4 /* CapsExMask: heads with ModEx blocks are understood */
#define ANSWER_OBJECTS 2

static void put_map(ck_buf *b, const ck_rtmp_config *config, const char *name, bool audio)
{
    ck_amf_put_key(b, name);
    ck_amf_put_object(b);
    for (size_t i = 0; i < config->codec_count; i++) {
        const ck_rtmp_codec *codec = &config->codecs[i];
        if (codec->audio == audio) {
            ck_amf_put_key_number(b, codec->fourcc, codec->can);
        }
    }
    ck_amf_put_end(b);
}

void ck_rtmp_put_capabilities(ck_buf *b, const ck_rtmp_config *config)
{
    if (config->codec_count == 0) {
        return;
    }
    ck_amf_put_key(b, LIST);
    ck_amf_put_strict_array(b, (uint32_t)config->codec_count);
    for (size_t i = 0; i < config->codec_count; i++) {
        ck_amf_put_string(b, config->codecs[i].fourcc);
    }
    put_map(b, config, VIDEO_MAP, false);
    put_map(b, config, AUDIO_MAP, true);
    ck_amf_put_key_number(b, "capsEx", CAPS_MOD_EX);
}

bool ck_rtmp_is_enhanced(const ck_amf_in *in)
{
    ck_amf_item item;
    return ck_amf_find(in, LIST, &item) == CHALK_OK ||
           ck_amf_find(in, VIDEO_MAP, &item) == CHALK_OK ||
           ck_amf_find(in, AUDIO_MAP, &item) == CHALK_OK;
}

void ck_rtmp_put_key_frames(ck_buf *b, const ck_rtmp_config *config)
{
    if (config->key_frames) {
        ck_amf_put_key_boolean(b, CK_RTMP_KEY_FRAME, true);
    }
}

bool ck_rtmp_has_key_frames(const ck_amf_in *in, int count)
{
    ck_amf_in at = *in;
    ck_amf_item item;
    for (int i = 0; i < count; i++) {
        if (ck_amf_find(&at, CK_RTMP_KEY_FRAME, &item) == CHALK_OK && item.kind == CK_AMF_BOOLEAN &&
            item.boolean) {
            return true;
        }
        if (ck_amf_skip(&at) != CHALK_OK) {
            return false;
        }
    }
    return false;
}

/* Steps into the member `name` of the object that `in` stands before. */
static bool enter(ck_amf_in *in, const char *name, enum ck_amf_kind kind)
{
    ck_amf_item item;
    if (ck_amf_next(in, &item) != CHALK_OK ||
        (item.kind != CK_AMF_OBJECT && item.kind != CK_AMF_ECMA_ARRAY)) {
        return false;
    }
    while (ck_amf_next(in, &item) == CHALK_OK && item.kind == CK_AMF_KEY) {
        if (ck_amf_is(&item, name)) {
            return ck_amf_next(in, &item) == CHALK_OK && item.kind == kind;
        }
        if (ck_amf_skip(in) != CHALK_OK) {
            return false;
        }
    }
    return false;
}

static bool is_in_list(ck_amf_in in, const char *fourcc)
{
    ck_amf_item item;
    if (!enter(&in, LIST, CK_AMF_STRICT_ARRAY)) {
        return false;
    }
    while (ck_amf_next(&in, &item) == CHALK_OK && item.kind == CK_AMF_STRING) {
        if (ck_amf_is(&item, fourcc) || ck_amf_is(&item, WILDCARD)) {
            return true;
        }
    }
    return false;
}

static bool is_in_map(ck_amf_in in, const ck_rtmp_codec *codec)
{
    ck_amf_item key, value;
    if (!enter(&in, codec->audio ? AUDIO_MAP : VIDEO_MAP, CK_AMF_OBJECT)) {
        return false;
    }
    while (ck_amf_next(&in, &key) == CHALK_OK && key.kind == CK_AMF_KEY) {
        ck_amf_in ahead = in;
        if (ck_amf_next(&ahead, &value) != CHALK_OK || ck_amf_skip(&in) != CHALK_OK) {
            return false;
        }
        bool named = ck_amf_is(&key, codec->fourcc) || ck_amf_is(&key, WILDCARD);
        bool counts = value.kind == CK_AMF_NUMBER && value.number >= 0 && value.number <= 255;
        unsigned can = counts ? (unsigned)value.number : 0;
        if (named && (can & (CK_RTMP_CAN_DECODE | CK_RTMP_CAN_FORWARD)) != 0) {
            return true;
        }
    }
    return false;
}

static bool is_announced(const ck_rtmp_codec *codec, ck_amf_in in)
{
    for (int i = 0; i < ANSWER_OBJECTS; i++) {
        if (is_in_list(in, codec->fourcc) || is_in_map(in, codec)) {
            return true;
        }
        if (ck_amf_skip(&in) != CHALK_OK) {
            return false;
        }
    }
    return false;
}

const ck_rtmp_codec *ck_rtmp_missing_codec(const ck_rtmp_config *config, const ck_amf_in *in)
{
    for (size_t i = 0; i < config->codec_count; i++) {
        if (config->codecs[i].required && !is_announced(&config->codecs[i], *in)) {
            return &config->codecs[i];
        }
    }
    return NULL;
}
