#include "core/flv/stamp.h"

#include "chalkrail/errors.h"
#include "core/amf/amf.h"

#define NAME      "onChalkStamp"
#define EXACT_MAX 9007199254740992.0 /* 2^53: what a double counts without gaps */

void ck_flv_stamp_write(ck_buf *b, const ck_flv_stamp *stamp)
{
    ck_amf_put_string(b, NAME);
    ck_amf_put_object(b);
    ck_amf_put_key_number(b, "room_us", (double)stamp->room_us);
    ck_amf_put_key_number(b, "media_us", (double)stamp->media_us);
    ck_amf_put_end(b);
}

static int read_time(const ck_amf_in *object, const char *name, uint64_t *out)
{
    double number;
    int status = ck_amf_find_number(object, name, &number);
    if (status != CHALK_OK || !(number >= 0 && number < EXACT_MAX)) {
        return CHALK_ERR_BAD_DATA;
    }
    *out = (uint64_t)number;
    return CHALK_OK;
}

int ck_flv_stamp_parse(const void *body, size_t size, ck_flv_stamp *out)
{
    ck_amf_in in;
    ck_amf_item item;
    ck_amf_in_init(&in, body, size);
    if (ck_amf_next(&in, &item) != CHALK_OK || !ck_amf_is(&item, NAME)) {
        return CHALK_ERR_NOT_FOUND;
    }
    int status = read_time(&in, "room_us", &out->room_us);
    return status == CHALK_OK ? read_time(&in, "media_us", &out->media_us) : status;
}
