/* AMF0 from a peer: walking, skipping, looking up and metadata agree and stay within the input. */
#include "chalkrail/errors.h"
#include "core/amf/amf.h"
#include "core/flv/meta.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Top-level values by walking item for item. Each item costs a byte or ends what cost some. */
static size_t count_by_walking(const uint8_t *data, size_t size, int *status)
{
    ck_amf_in in;
    ck_amf_item item;
    size_t values = 0;
    size_t items = 0;
    ck_amf_in_init(&in, data, size);
    while ((*status = ck_amf_next(&in, &item)) == CHALK_OK) {
        bool text = item.kind == CK_AMF_STRING || item.kind == CK_AMF_KEY;
        if (text && ((const uint8_t *)item.text < data ||
                     item.text_size > (size_t)(data + size - (const uint8_t *)item.text))) {
            abort();
        }
        values += in.depth == 0;
        if (++items > size) {
            abort();
        }
    }
    return values;
}

static size_t count_by_skipping(const uint8_t *data, size_t size, int *status)
{
    ck_amf_in in;
    ck_amf_item item;
    char text[32];
    double number;
    size_t values = 0;
    ck_amf_in_init(&in, data, size);
    do {
        (void)ck_amf_find(&in, "app", &item);
        (void)ck_amf_find_string(&in, "a", text, sizeof text);
        (void)ck_amf_find_number(&in, "", &number);
        *status = ck_amf_skip(&in);
        values += *status == CHALK_OK;
    } while (*status == CHALK_OK);
    return values;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int walked;
    int skipped;
    ck_flv_meta meta;
    /* Looking up walks an object for every value before it: keep the square small. */
    if (size > 4096) {
        return 0;
    }
    if (count_by_walking(data, size, &walked) != count_by_skipping(data, size, &skipped) ||
        walked != skipped) {
        abort();
    }
    (void)ck_flv_meta_parse(data, size, &meta);
    return 0;
}
