#include "core/flv/meta.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/amf/amf.h"
#include "core/flv/fourcc.h"

#include <string.h>

/* One row for each number, so that writing and reading cannot disagree. */
typedef struct field {
    char name[20];
    uint8_t kind; /* FIELD_* */
    size_t offset;
} field;

enum { FIELD_U32 = 1, FIELD_DOUBLE, FIELD_CODEC };

static const field fields[] = {
    {"duration", FIELD_DOUBLE, offsetof(ck_flv_meta, duration_s)},
    {"width", FIELD_U32, offsetof(ck_flv_meta, width)},
    {"height", FIELD_U32, offsetof(ck_flv_meta, height)},
    {"videocodecid", FIELD_CODEC, offsetof(ck_flv_meta, video_codec)},
    {"videodatarate", FIELD_DOUBLE, offsetof(ck_flv_meta, video_kbps)},
    {"framerate", FIELD_DOUBLE, offsetof(ck_flv_meta, frame_rate)},
    {"audiocodecid", FIELD_CODEC, offsetof(ck_flv_meta, audio_codec)},
    {"audiodatarate", FIELD_DOUBLE, offsetof(ck_flv_meta, audio_kbps)},
    {"audiosamplerate", FIELD_U32, offsetof(ck_flv_meta, audio_rate_hz)},
    {"audiochannels", FIELD_U32, offsetof(ck_flv_meta, audio_channels)},
};

static double load(const ck_flv_meta *meta, const field *f)
{
    const uint8_t *at = (const uint8_t *)meta + f->offset;
    if (f->kind == FIELD_DOUBLE) {
        double value;
        memcpy(&value, at, sizeof value);
        return value;
    }
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static void store(ck_flv_meta *meta, const field *f, double number)
{
    uint8_t *at = (uint8_t *)meta + f->offset;
    /* NaN fails the comparison as well. */
    if (!(number >= 0 && number <= UINT32_MAX)) {
        return;
    }
    if (f->kind == FIELD_DOUBLE) {
        memcpy(at, &number, sizeof number);
        return;
    }
    uint32_t value = (uint32_t)number;
    memcpy(at, &value, sizeof value);
}

void ck_flv_meta_write(ck_buf *b, const ck_flv_meta *meta)
{
    bool says_stereo = meta->audio_channels == 1 || meta->audio_channels == 2;
    uint32_t count = (meta->encoder[0] != '\0' ? 1u : 0u) + (says_stereo ? 1u : 0u);
    for (size_t i = 0; i < CK_COUNT_OF(fields); i++) {
        count += load(meta, &fields[i]) > 0 ? 1u : 0u;
    }
    ck_amf_put_string(b, "onMetaData");
    ck_amf_put_ecma_array(b, count);
    for (size_t i = 0; i < CK_COUNT_OF(fields); i++) {
        double value = load(meta, &fields[i]);
        if (value > 0) {
            ck_amf_put_key_number(b, fields[i].name, value);
        }
    }
    if (says_stereo) {
        ck_amf_put_key_boolean(b, "stereo", meta->audio_channels == 2);
    }
    if (meta->encoder[0] != '\0') {
        ck_amf_put_key_string(b, "encoder", meta->encoder);
    }
    ck_amf_put_end(b);
}

static const field *field_named(const ck_amf_item *key)
{
    for (size_t i = 0; i < CK_COUNT_OF(fields); i++) {
        if (ck_amf_is(key, fields[i].name)) {
            return &fields[i];
        }
    }
    return NULL;
}

static void take_member(ck_flv_meta *out, const ck_amf_item *key, const ck_amf_item *value)
{
    const field *f = field_named(key);
    if (f != NULL && value->kind == CK_AMF_NUMBER) {
        store(out, f, value->number);
    } else if (f != NULL && f->kind == FIELD_CODEC && value->kind == CK_AMF_STRING &&
               value->text_size == 4) {
        store(out, f, ck_load_be32((const uint8_t *)value->text));
    } else if (ck_amf_is(key, "stereo") && value->kind == CK_AMF_BOOLEAN) {
        out->audio_channels = out->audio_channels != 0 ? out->audio_channels
                              : value->boolean         ? 2
                                                       : 1;
    } else if (ck_amf_is(key, "encoder") && value->kind == CK_AMF_STRING) {
        /* What does not fit is no use cut off; the field stays empty. */
        (void)ck_amf_copy_text(value, out->encoder, sizeof out->encoder);
    }
}

/* Behind the begin of the object: members up to its end. */
static int read_members(ck_amf_in *in, ck_flv_meta *out)
{
    ck_amf_item key;
    ck_amf_item value;
    for (;;) {
        int status = ck_amf_next(in, &key);
        if (status != CHALK_OK || key.kind == CK_AMF_END) {
            return status;
        }
        ck_amf_in ahead = *in;
        status = ck_amf_next(&ahead, &value);
        if (status == CHALK_OK) {
            take_member(out, &key, &value);
            status = ck_amf_skip(in);
        }
        if (status != CHALK_OK) {
            return status;
        }
    }
}

int ck_flv_meta_parse(const void *body, size_t size, ck_flv_meta *out)
{
    ck_amf_in in;
    ck_amf_item item;
    memset(out, 0, sizeof *out);
    ck_amf_in_init(&in, body, size);
    int status = ck_amf_next(&in, &item);
    if (status == CHALK_OK && ck_amf_is(&item, "@setDataFrame")) {
        status = ck_amf_next(&in, &item);
    }
    if (status == CHALK_OK && !ck_amf_is(&item, "onMetaData")) {
        return CHALK_ERR_NOT_FOUND;
    }
    if (status == CHALK_OK) {
        status = ck_amf_next(&in, &item);
    }
    if (status == CHALK_OK && item.kind != CK_AMF_OBJECT && item.kind != CK_AMF_ECMA_ARRAY) {
        status = CHALK_ERR_BAD_DATA;
    }
    if (status == CHALK_OK) {
        status = read_members(&in, out);
    }
    return status == CHALK_OK ? CHALK_OK : CHALK_ERR_BAD_DATA;
}
