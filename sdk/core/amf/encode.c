#include "core/amf/amf.h"

#include <string.h>

#define SHORT_STRING_MAX 0xffffu

void ck_amf_put_number(ck_buf *b, double value)
{
    ck_buf_put_u8(b, CK_AMF_MARK_NUMBER);
    ck_buf_put_be_f64(b, value);
}

void ck_amf_put_boolean(ck_buf *b, bool value)
{
    ck_buf_put_u8(b, CK_AMF_MARK_BOOLEAN);
    ck_buf_put_u8(b, value ? 1 : 0);
}

void ck_amf_put_string(ck_buf *b, const char *text)
{
    ck_amf_put_string_n(b, text, strlen(text));
}

void ck_amf_put_string_n(ck_buf *b, const char *text, size_t size)
{
    if (size <= SHORT_STRING_MAX) {
        ck_buf_put_u8(b, CK_AMF_MARK_STRING);
        ck_buf_put_be16(b, (uint16_t)size);
    } else {
        ck_buf_put_u8(b, CK_AMF_MARK_LONG_STRING);
        ck_buf_put_be32(b, (uint32_t)size);
    }
    ck_buf_put(b, text, size);
}

void ck_amf_put_null(ck_buf *b)
{
    ck_buf_put_u8(b, CK_AMF_MARK_NULL);
}

void ck_amf_put_undefined(ck_buf *b)
{
    ck_buf_put_u8(b, CK_AMF_MARK_UNDEFINED);
}

void ck_amf_put_date(ck_buf *b, double unix_ms)
{
    ck_buf_put_u8(b, CK_AMF_MARK_DATE);
    ck_buf_put_be_f64(b, unix_ms);
    ck_buf_put_be16(b, 0);
}

void ck_amf_put_object(ck_buf *b)
{
    ck_buf_put_u8(b, CK_AMF_MARK_OBJECT);
}

void ck_amf_put_ecma_array(ck_buf *b, uint32_t count)
{
    ck_buf_put_u8(b, CK_AMF_MARK_ECMA_ARRAY);
    ck_buf_put_be32(b, count);
}

void ck_amf_put_strict_array(ck_buf *b, uint32_t count)
{
    ck_buf_put_u8(b, CK_AMF_MARK_STRICT_ARRAY);
    ck_buf_put_be32(b, count);
}

void ck_amf_put_key(ck_buf *b, const char *name)
{
    ck_amf_put_key_n(b, name, strlen(name));
}

void ck_amf_put_key_n(ck_buf *b, const char *name, size_t size)
{
    if (size > SHORT_STRING_MAX) {
        /* Written short it would shift everything behind it. */
        b->failed = true;
        b->over_limit = true;
        return;
    }
    ck_buf_put_be16(b, (uint16_t)size);
    ck_buf_put(b, name, size);
}

void ck_amf_put_end(ck_buf *b)
{
    ck_buf_put_be16(b, 0);
    ck_buf_put_u8(b, CK_AMF_MARK_OBJECT_END);
}

void ck_amf_put_key_number(ck_buf *b, const char *name, double value)
{
    ck_amf_put_key(b, name);
    ck_amf_put_number(b, value);
}

void ck_amf_put_key_boolean(ck_buf *b, const char *name, bool value)
{
    ck_amf_put_key(b, name);
    ck_amf_put_boolean(b, value);
}

void ck_amf_put_key_string(ck_buf *b, const char *name, const char *text)
{
    ck_amf_put_key(b, name);
    ck_amf_put_string(b, text);
}
