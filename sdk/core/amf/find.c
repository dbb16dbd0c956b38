#include "core/amf/amf.h"

#include "chalkrail/errors.h"

#include <string.h>

bool ck_amf_is(const ck_amf_item *item, const char *text)
{
    bool has_text = item->kind == CK_AMF_STRING || item->kind == CK_AMF_KEY;
    size_t size = strlen(text);
    return has_text && item->text_size == size && memcmp(item->text, text, size) == 0;
}

int ck_amf_copy_text(const ck_amf_item *item, char *out, size_t size)
{
    if (item->text_size >= size) {
        return CHALK_ERR_TOO_LARGE;
    }
    /* A zero byte would make C see another, shorter text than the peer's other readers. */
    if (memchr(item->text, '\0', item->text_size) != NULL) {
        return CHALK_ERR_BAD_DATA;
    }
    memcpy(out, item->text, item->text_size);
    out[item->text_size] = '\0';
    return CHALK_OK;
}

int ck_amf_find(const ck_amf_in *in, const char *name, ck_amf_item *value)
{
    ck_amf_in ahead = *in;
    ck_amf_item item;
    int status = ck_amf_next(&ahead, &item);
    if (status == CHALK_OK && item.kind != CK_AMF_OBJECT && item.kind != CK_AMF_ECMA_ARRAY) {
        return CHALK_ERR_BAD_DATA;
    }
    while (status == CHALK_OK) {
        status = ck_amf_next(&ahead, &item);
        if (status == CHALK_OK && item.kind == CK_AMF_END) {
            return CHALK_ERR_NOT_FOUND;
        }
        if (status == CHALK_OK && ck_amf_is(&item, name)) {
            return ck_amf_next(&ahead, value);
        }
        if (status == CHALK_OK) {
            status = ck_amf_skip(&ahead);
        }
    }
    return status == CHALK_ERR_END ? CHALK_ERR_BAD_DATA : status;
}

static int find_kind(const ck_amf_in *in, const char *name, uint8_t kind, ck_amf_item *value)
{
    int status = ck_amf_find(in, name, value);
    return status == CHALK_OK && value->kind != kind ? CHALK_ERR_NOT_FOUND : status;
}

int ck_amf_find_number(const ck_amf_in *in, const char *name, double *out)
{
    ck_amf_item value;
    int status = find_kind(in, name, CK_AMF_NUMBER, &value);
    if (status == CHALK_OK) {
        *out = value.number;
    }
    return status;
}

int ck_amf_find_boolean(const ck_amf_in *in, const char *name, bool *out)
{
    ck_amf_item value;
    int status = find_kind(in, name, CK_AMF_BOOLEAN, &value);
    if (status == CHALK_OK) {
        *out = value.boolean;
    }
    return status;
}

int ck_amf_find_string(const ck_amf_in *in, const char *name, char *out, size_t size)
{
    ck_amf_item value;
    int status = find_kind(in, name, CK_AMF_STRING, &value);
    return status == CHALK_OK ? ck_amf_copy_text(&value, out, size) : status;
}
