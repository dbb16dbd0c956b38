/* A movie with bytes changed at random: what passes has only boxes that are listed, each of which
 * lies in the one it is in, and pruning it once more changes nothing. */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/mp4/prune.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/movie.h"
#include "support/seeds.h"

static bool is_listed(const uint8_t *type)
{
    static const char *const names[] = {
        "skip", "ftyp", "mdat", "moov", "mvhd", "trak", "tkhd", "edts", "elst", "mdia", "mdhd",
        "hdlr", "minf", "stbl", "stsd", "mvex", "trex", "moof", "traf", "tfhd", "tfdt", "trun"};
    for (size_t i = 0; i < CK_COUNT_OF(names); i++) {
        if (memcmp(type, names[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_boxes(const uint8_t *type)
{
    static const char *const names[] = {"moov", "trak", "edts", "mdia", "minf",
                                        "stbl", "mvex", "moof", "traf"};
    for (size_t i = 0; i < CK_COUNT_OF(names); i++) {
        if (memcmp(type, names[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

/* One level after the other, without recursion: a container's head is stepped over. */
static void check_boxes(const uint8_t *data, size_t size, uint64_t seed)
{
    for (size_t at = 0; at + 8 <= size;) {
        const uint8_t *type = data + at + 4;
        uint64_t whole = ck_load_be32(data + at);
        size_t head = 8;
        CK_CHECK_ROW(seed, is_listed(type));
        if (whole == 1) {
            CK_CHECK_ROW(seed, at + 16 <= size);
            whole = (uint64_t)ck_load_be32(data + at + 8) << 32 | ck_load_be32(data + at + 12);
            head = 16;
        }
        CK_CHECK_ROW(seed, whole >= head && whole <= size - at);
        if (has_boxes(type)) {
            check_boxes(data + at + head, (size_t)whole - head, seed);
        }
        at += (size_t)whole;
    }
}

static void spoil(ck_buf *b, ck_rng *rng)
{
    static const uint8_t likely[] = {0, 1, 7, 8, 0x7f, 0x80, 0xff};
    for (uint64_t n = 1 + ck_rng_below(rng, 6); n > 0; n--) {
        size_t at = ck_rng_below(rng, b->size);
        b->data[at] = ck_rng_below(rng, 2) == 0 ? likely[ck_rng_below(rng, sizeof likely)]
                                                : (uint8_t)ck_rng_next(rng);
    }
    if (ck_rng_below(rng, 4) == 0) {
        b->size = ck_rng_below(rng, b->size + 1);
    }
}

CK_TEST(prop_mp4, what_passes_is_in_order)
{
    size_t passed = 0, refused = 0;
    CK_FOR_SEEDS(seed, 20000)
    {
        ck_rng rng;
        ck_buf b, again;
        ck_mp4_fault fault;
        ck_rng_seed(&rng, seed);
        ck_buf_init(&b, &ck_test_heap, 1u << 16);
        ck_buf_init(&again, &ck_test_heap, 1u << 16);
        ck_movie_make(&b);
        spoil(&b, &rng);
        size_t size = b.size;
        int status = ck_mp4_prune(b.data, &b.size, &fault);
        CK_CHECK_ROW(seed, b.size <= size && (status < 0) == (fault.text != NULL));
        passed += status == CHALK_OK;
        refused += status < 0;
        if (status == CHALK_OK) {
            check_boxes(b.data, b.size, seed);
            ck_buf_put(&again, b.data, b.size);
            CK_CHECK_ROW(seed, ck_mp4_prune(again.data, &again.size, &fault) == CHALK_OK);
            CK_CHECK_ROW(seed, again.size == b.size);
            CK_CHECK_ROW(seed, memcmp(again.data, b.data, b.size) == 0);
        }
        ck_buf_free(&again);
        ck_buf_free(&b);
    }
    bool many = ck_seed_last(20000) - ck_seed_first() > 1000;
    CK_CHECK(!many || (passed > 1000 && refused > 1000));
}
