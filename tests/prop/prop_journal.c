/*
 * Whatever is cut off a file and whichever bit of it is flipped: what stands before is read as it
 * was written, what is hit is named, what stands behind is found again. And what is torn is told
 * from what is damaged by one rule: whether a later group says that it was on disk.
 */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/journal/journal.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"

#define ENTRIES 12

typedef struct script {
    ck_buf file;
    size_t first_end;
    size_t start[ENTRIES + 1];
    uint32_t group[ENTRIES]; /* where its group begins */
    uint32_t mark;
} script;

static void fill(ck_rng *rng, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)ck_rng_next(rng);
    }
}

static void make(script *s, ck_rng *rng)
{
    uint8_t name[CK_JOURNAL_NAME_MAX], body[300];
    ck_buf_init(&s->file, &ck_test_heap, 1 << 20);
    s->mark = (uint32_t)ck_rng_next(rng) | 1;
    fill(rng, name, sizeof name);
    if (ck_rng_below(rng, 2) == 0) {
        ck_journal_put_segment(&s->file, s->mark, 1, 2, 1, 99);
    } else {
        ck_journal_put_room(&s->file, s->mark, ck_bytes_of(name, 64), 1, 7, 2);
    }
    s->first_end = s->file.size;
    uint32_t synced = (uint32_t)s->file.size;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        synced = ck_rng_below(rng, 2) == 0 ? (uint32_t)s->file.size : synced;
        s->start[i] = s->file.size;
        s->group[i] = synced;
        size_t size = ck_rng_below(rng, sizeof body);
        fill(rng, body, size);
        const ck_journal_entry entry = {
            .kind = CK_JOURNAL_STATE + (enum ck_journal_kind)ck_rng_below(rng, 2),
            .synced = synced,
            .epoch = ck_rng_next(rng),
            .after = i,
            .to = i + 1,
            .name = ck_bytes_of(name, 1 + ck_rng_below(rng, sizeof name)),
            .body = ck_bytes_of(body, size),
        };
        ck_journal_put(&s->file, s->mark, &entry);
    }
    s->start[ENTRIES] = s->file.size;
    CK_CHECK_EQ(ck_buf_status(&s->file), CHALK_OK);
}

/* The entries before number `end`, whole and in order. */
static int read_up_to(ck_journal_scan *scan, ck_journal_entry *e, uint64_t seed, uint32_t end)
{
    for (uint32_t i = 0; i < end; i++) {
        CK_CHECK_ROW(seed, ck_journal_next(scan, e) == 1);
        CK_CHECK_ROW(seed, e->after == i);
    }
    return ck_journal_next(scan, e);
}

static void check_cut(const script *s, uint64_t seed, size_t size)
{
    ck_journal_scan scan;
    ck_journal_entry e;
    int status = ck_journal_begin(&scan, s->file.data, size, &e);
    if (size < s->first_end) {
        CK_CHECK_ROW(seed, status == CHALK_ERR_END);
        return;
    }
    uint32_t whole = 0;
    while (whole < ENTRIES && s->start[whole + 1] <= size) {
        whole++;
    }
    status = read_up_to(&scan, &e, seed, whole);
    CK_CHECK_ROW(seed, status == (s->start[whole] == size ? 0 : CHALK_ERR_END));
    CK_CHECK_ROW(seed, scan.at == s->start[whole]);
    CK_CHECK_ROW(seed, ck_journal_is_torn(&scan));
}

static void check_flip(const script *s, uint64_t seed, size_t at, unsigned bit)
{
    ck_journal_scan scan;
    ck_journal_entry e;
    s->file.data[at] ^= (uint8_t)(1u << bit);
    int status = ck_journal_begin(&scan, s->file.data, s->file.size, &e);
    if (at < s->first_end) {
        CK_CHECK_ROW(seed, status == CHALK_ERR_BAD_DATA);
    } else {
        uint32_t hit = 0;
        while (s->start[hit + 1] <= at) {
            hit++;
        }
        CK_CHECK_ROW(seed, read_up_to(&scan, &e, seed, hit) == CHALK_ERR_BAD_DATA);
        CK_CHECK_ROW(seed, scan.at == s->start[hit]);
        bool last_group = s->group[hit] == s->group[ENTRIES - 1];
        CK_CHECK_ROW(seed, ck_journal_is_torn(&scan) == last_group);
        ck_journal_skip(&scan);
        CK_CHECK_ROW(seed, scan.at == s->start[hit + 1]);
    }
    s->file.data[at] ^= (uint8_t)(1u << bit);
}

CK_TEST(journal_prop, any_cut_and_any_bit)
{
    CK_FOR_SEEDS(seed, 60)
    {
        ck_rng rng;
        script s;
        ck_rng_seed(&rng, seed);
        make(&s, &rng);
        for (size_t size = 0; size <= s.file.size; size++) {
            check_cut(&s, seed, size);
        }
        for (size_t at = 0; at < s.file.size; at++) {
            check_flip(&s, seed, at, (unsigned)ck_rng_below(&rng, 8));
        }
        ck_buf_free(&s.file);
    }
}
