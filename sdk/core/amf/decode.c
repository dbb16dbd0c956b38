#include "core/amf/amf.h"

#include "chalkrail/errors.h"

#include <string.h>

void ck_amf_in_init(ck_amf_in *in, const void *data, size_t size)
{
    memset(in, 0, sizeof *in);
    in->reader = ck_reader_of(data, size);
}

static int fail(ck_amf_in *in, int error)
{
    in->status = error;
    return error;
}

static int open_container(ck_amf_in *in, bool strict, uint32_t count)
{
    if (in->depth == CK_AMF_DEPTH_MAX) {
        return fail(in, CHALK_ERR_TOO_LARGE);
    }
    in->levels[in->depth++] = (ck_amf_level){.strict = strict, .left = strict ? count : 0};
    return CHALK_OK;
}

static void read_text(ck_amf_in *in, ck_amf_item *item, size_t size)
{
    item->text = (const char *)ck_read_bytes(&in->reader, size);
    item->text_size = size;
}

/* The body behind a marker. A short read is found by the caller. */
static int read_value(ck_amf_in *in, uint8_t marker, ck_amf_item *item)
{
    ck_reader *r = &in->reader;
    switch (marker) {
    case CK_AMF_MARK_NUMBER:
        item->kind = CK_AMF_NUMBER;
        item->number = ck_read_be_f64(r);
        return CHALK_OK;
    case CK_AMF_MARK_BOOLEAN:
        item->kind = CK_AMF_BOOLEAN;
        item->boolean = ck_read_u8(r) != 0;
        return CHALK_OK;
    case CK_AMF_MARK_STRING:
        item->kind = CK_AMF_STRING;
        read_text(in, item, ck_read_be16(r));
        return CHALK_OK;
    case CK_AMF_MARK_LONG_STRING:
    case CK_AMF_MARK_XML:
        item->kind = CK_AMF_STRING;
        read_text(in, item, ck_read_be32(r));
        return CHALK_OK;
    case CK_AMF_MARK_NULL:
        item->kind = CK_AMF_NULL;
        return CHALK_OK;
    case CK_AMF_MARK_UNDEFINED:
    case CK_AMF_MARK_UNSUPPORTED:
        item->kind = CK_AMF_UNDEFINED;
        return CHALK_OK;
    case CK_AMF_MARK_DATE:
        item->kind = CK_AMF_DATE;
        item->number = ck_read_be_f64(r);
        /* A time zone that 2.13 reserves and tells readers to ignore. */
        ck_read_skip(r, 2);
        return CHALK_OK;
    case CK_AMF_MARK_OBJECT:
        item->kind = CK_AMF_OBJECT;
        return open_container(in, false, 0);
    case CK_AMF_MARK_ECMA_ARRAY:
        item->kind = CK_AMF_ECMA_ARRAY;
        item->count = ck_read_be32(r);
        return open_container(in, false, 0);
    case CK_AMF_MARK_STRICT_ARRAY:
        item->kind = CK_AMF_STRICT_ARRAY;
        item->count = ck_read_be32(r);
        return open_container(in, true, item->count);
    case CK_AMF_MARK_OBJECT_END:
        return fail(in, CHALK_ERR_BAD_DATA);
    default:
        in->refused = marker;
        return fail(in, marker <= CK_AMF_MARK_AMF3 ? CHALK_ERR_PROTOCOL : CHALK_ERR_BAD_DATA);
    }
}

static int end_container(ck_amf_in *in, ck_amf_item *item)
{
    in->depth--;
    item->kind = CK_AMF_END;
    return CHALK_OK;
}

/* In an object: a name, or the empty name and marker that end it (2.5, 2.11). An empty name in
 * front of any other marker is a member whose name is empty. */
static int read_key(ck_amf_in *in, ck_amf_level *level, ck_amf_item *item)
{
    ck_reader *r = &in->reader;
    size_t size = ck_read_be16(r);
    if (size == 0 && !r->failed && ck_reader_left(r) > 0 && *r->at == CK_AMF_MARK_OBJECT_END) {
        ck_read_skip(r, 1);
        return end_container(in, item);
    }
    item->kind = CK_AMF_KEY;
    read_text(in, item, size);
    level->value_due = true;
    return CHALK_OK;
}

/* Whether an item other than a value comes next; it is read into `item` when so. */
static bool next_is_structure(ck_amf_in *in, ck_amf_item *item)
{
    if (in->depth == 0) {
        return false;
    }
    ck_amf_level *level = &in->levels[in->depth - 1];
    if (level->strict) {
        if (level->left == 0) {
            (void)end_container(in, item);
            return true;
        }
        level->left--;
        return false;
    }
    if (!level->value_due) {
        (void)read_key(in, level, item);
        return true;
    }
    level->value_due = false;
    return false;
}

int ck_amf_next(ck_amf_in *in, ck_amf_item *item)
{
    memset(item, 0, sizeof *item);
    if (in->status != CHALK_OK) {
        return in->status;
    }
    if (in->depth == 0 && ck_reader_left(&in->reader) == 0) {
        return CHALK_ERR_END;
    }
    int status = CHALK_OK;
    if (!next_is_structure(in, item)) {
        uint8_t marker = ck_read_u8(&in->reader);
        status = in->reader.failed ? CHALK_OK : read_value(in, marker, item);
    }
    return in->reader.failed ? fail(in, CHALK_ERR_BAD_DATA) : status;
}

int ck_amf_skip(ck_amf_in *in)
{
    ck_amf_item item;
    uint8_t depth = in->depth;
    if (in->status == CHALK_OK && depth > 0 && !in->levels[depth - 1].strict &&
        !in->levels[depth - 1].value_due) {
        return CHALK_ERR_BAD_STATE;
    }
    int status;
    do {
        status = ck_amf_next(in, &item);
    } while (status == CHALK_OK && in->depth > depth);
    return status;
}

static int next_of_kind(ck_amf_in *in, uint8_t kind, ck_amf_item *item)
{
    int status = ck_amf_next(in, item);
    if (status == CHALK_OK && item->kind != kind) {
        return fail(in, CHALK_ERR_BAD_DATA);
    }
    return status;
}

int ck_amf_read_number(ck_amf_in *in, double *out)
{
    ck_amf_item item;
    int status = next_of_kind(in, CK_AMF_NUMBER, &item);
    if (status == CHALK_OK) {
        *out = item.number;
    }
    return status;
}

int ck_amf_read_boolean(ck_amf_in *in, bool *out)
{
    ck_amf_item item;
    int status = next_of_kind(in, CK_AMF_BOOLEAN, &item);
    if (status == CHALK_OK) {
        *out = item.boolean;
    }
    return status;
}

int ck_amf_read_string(ck_amf_in *in, char *out, size_t size)
{
    ck_amf_item item;
    int status = next_of_kind(in, CK_AMF_STRING, &item);
    if (status == CHALK_OK) {
        status = ck_amf_copy_text(&item, out, size);
    }
    return status < 0 && status != CHALK_ERR_END ? fail(in, status) : status;
}

const char *ck_amf_marker_name(uint8_t marker)
{
    static const char names[][16] = {
        "number",      "boolean",     "string",     "object",       "movie clip",   "null",
        "undefined",   "reference",   "ECMA array", "object end",   "strict array", "date",
        "long string", "unsupported", "record set", "XML document", "typed object", "AMF3",
    };
    return marker < sizeof names / sizeof names[0] ? names[marker] : "unknown";
}
