/* AMF0: random trees are read back as they were written, and every cut of them is an error. */
#include "core/amf/amf.h"

#include "base/rng.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#define ITEMS_MAX 4000

/* What was written, in the order in which it must come back. */
typedef struct script {
    ck_rng rng;
    ck_buf bytes;
    ck_amf_item items[ITEMS_MAX]; /* texts point into `pool` */
    size_t count;
    char pool[256];
} script;

static ck_amf_item *add(script *s, uint8_t kind)
{
    CK_CHECK(s->count < ITEMS_MAX);
    s->items[s->count] = (ck_amf_item){.kind = kind};
    return &s->items[s->count++];
}

static ck_amf_item *add_text(script *s, uint8_t kind, size_t least)
{
    ck_amf_item *item = add(s, kind);
    item->text_size = least + ck_rng_below(&s->rng, 40);
    item->text = s->pool + ck_rng_below(&s->rng, sizeof s->pool - item->text_size);
    return item;
}

static void write_value(script *s, int depth);

static void write_members(script *s, int depth)
{
    for (uint64_t n = ck_rng_below(&s->rng, 4); n > 0; n--) {
        ck_amf_item *key = add_text(s, CK_AMF_KEY, 1);
        ck_amf_put_key_n(&s->bytes, key->text, key->text_size);
        write_value(s, depth + 1);
    }
    ck_amf_put_end(&s->bytes);
    add(s, CK_AMF_END);
}

static void write_container(script *s, int depth)
{
    uint32_t count = (uint32_t)ck_rng_below(&s->rng, 4);
    switch (ck_rng_below(&s->rng, 3)) {
    case 0:
        add(s, CK_AMF_OBJECT);
        ck_amf_put_object(&s->bytes);
        write_members(s, depth);
        return;
    case 1:
        add(s, CK_AMF_ECMA_ARRAY)->count = count;
        ck_amf_put_ecma_array(&s->bytes, count);
        write_members(s, depth);
        return;
    default:
        add(s, CK_AMF_STRICT_ARRAY)->count = count;
        ck_amf_put_strict_array(&s->bytes, count);
        for (; count > 0; count--) {
            write_value(s, depth + 1);
        }
        add(s, CK_AMF_END);
    }
}

static void write_value(script *s, int depth)
{
    ck_amf_item *item;
    switch (ck_rng_below(&s->rng, depth < CK_AMF_DEPTH_MAX ? 9 : 6)) {
    case 0:
        item = add(s, CK_AMF_NUMBER);
        item->number = (ck_rng_unit(&s->rng) - 0.5) * 1e12;
        ck_amf_put_number(&s->bytes, item->number);
        return;
    case 1:
        item = add(s, CK_AMF_BOOLEAN);
        item->boolean = ck_rng_below(&s->rng, 2) != 0;
        ck_amf_put_boolean(&s->bytes, item->boolean);
        return;
    case 2:
        item = add_text(s, CK_AMF_STRING, 0);
        ck_amf_put_string_n(&s->bytes, item->text, item->text_size);
        return;
    case 3:
        add(s, CK_AMF_NULL);
        ck_amf_put_null(&s->bytes);
        return;
    case 4:
        add(s, CK_AMF_UNDEFINED);
        ck_amf_put_undefined(&s->bytes);
        return;
    case 5:
        item = add(s, CK_AMF_DATE);
        item->number = (double)ck_rng_below(&s->rng, 1u << 30);
        ck_amf_put_date(&s->bytes, item->number);
        return;
    default:
        write_container(s, depth);
    }
}

static bool same(const ck_amf_item *a, const ck_amf_item *b)
{
    return a->kind == b->kind && a->boolean == b->boolean && a->count == b->count &&
           a->number == b->number && a->text_size == b->text_size &&
           (a->text_size == 0 || memcmp(a->text, b->text, a->text_size) == 0);
}

static void write_script(script *s, uint64_t seed)
{
    ck_rng_seed(&s->rng, seed);
    ck_buf_init(&s->bytes, &ck_test_heap, 1u << 20);
    s->count = 0;
    for (size_t i = 0; i < sizeof s->pool; i++) {
        s->pool[i] = (char)ck_rng_next(&s->rng);
    }
    for (int i = 0; i < 5; i++) {
        write_value(s, 0);
    }
    CK_CHECK_EQ(ck_buf_status(&s->bytes), CHALK_OK);
}

CK_TEST(prop_amf, what_is_written_is_read)
{
    static script s;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        ck_amf_in in;
        ck_amf_item item;
        write_script(&s, seed);
        ck_amf_in_init(&in, s.bytes.data, s.bytes.size);
        for (size_t i = 0; i < s.count; i++) {
            CK_CHECK_ROW(seed, ck_amf_next(&in, &item) == CHALK_OK);
            CK_CHECK_ROW(seed, same(&item, &s.items[i]));
        }
        CK_CHECK_ROW(seed, ck_amf_next(&in, &item) == CHALK_ERR_END);
        ck_buf_free(&s.bytes);
    }
}

/* A cut between two top-level values is a shorter script; anywhere else it is an error. */
CK_TEST(prop_amf, every_cut_ends_early_or_is_an_error)
{
    static script s;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        write_script(&s, seed);
        for (size_t size = 0; size < s.bytes.size; size++) {
            ck_amf_in in;
            int status;
            int values = 0;
            ck_amf_in_init(&in, s.bytes.data, size);
            while ((status = ck_amf_skip(&in)) == CHALK_OK) {
                values++;
            }
            CK_CHECK_ROW(seed, values < 5);
            CK_CHECK_ROW(seed, status == CHALK_ERR_BAD_DATA || status == CHALK_ERR_END);
            CK_CHECK_ROW(seed, status == CHALK_ERR_BAD_DATA || ck_reader_left(&in.reader) == 0);
        }
        ck_buf_free(&s.bytes);
    }
}
