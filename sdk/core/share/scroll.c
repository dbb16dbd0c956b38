#include "core/share/scroll.h"

#include "base/check.h"

#include <string.h>

#define EDGE_PART                                                                                  \
    8u /* one in so many of a row is left out on each side: scroll bars, side bars                 \
        */
#define VOTES_MIN 12u
#define MAJORITY  3u /* of the rows that changed and can be told apart, one in so many */

void ck_scroll_init(ck_scroll *s)
{
    s->rows = 0;
}

/* FNV-1a over words of four pixels. */
static uint32_t hash_of(const uint8_t *row, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i + 4 <= size; i += 4) {
        uint32_t word;
        memcpy(&word, row + i, sizeof word);
        hash = (hash ^ word) * 16777619u;
        hash ^= hash >> 15;
    }
    return hash;
}

/* The slot of the row with that hash, or the free one where it would be. */
static uint32_t slot_of(const ck_scroll *s, uint32_t hash)
{
    uint32_t at = hash % CK_SCROLL_SLOTS;
    while (s->slots[at] != 0 && s->hashes[s->slots[at] - 1] != hash) {
        at = (at + 1) % CK_SCROLL_SLOTS;
    }
    return at;
}

/* Rows of the picture before by their hashes. A row like the one above it (paper) tells nothing. */
static void index_rows(ck_scroll *s)
{
    memset(s->slots, 0, sizeof s->slots);
    for (uint32_t y = 1; y < s->rows; y++) {
        if (s->hashes[y] != s->hashes[y - 1]) {
            s->slots[slot_of(s, s->hashes[y])] = (uint16_t)(y + 1); /* of equal ones the last */
        }
    }
}

/* Each changed row that was elsewhere votes for the way it came. */
static int32_t count_votes(ck_scroll *s)
{
    uint32_t changed = 0, best = CK_SCROLL_ROWS_MAX;
    memset(s->votes, 0, sizeof s->votes);
    for (uint32_t y = 1; y < s->rows; y++) {
        if (s->next[y] == s->hashes[y] || s->next[y] == s->next[y - 1]) {
            continue;
        }
        changed++;
        uint32_t from = s->slots[slot_of(s, s->next[y])]; /* row + 1 */
        if (from != 0) {
            uint32_t way = CK_SCROLL_ROWS_MAX + y - (from - 1);
            s->votes[way]++;
            best = s->votes[way] > s->votes[best] ? way : best;
        }
    }
    bool scrolled = s->votes[best] >= VOTES_MIN && s->votes[best] * MAJORITY >= changed;
    return scrolled ? (int32_t)best - CK_SCROLL_ROWS_MAX : 0;
}

int32_t ck_scroll_feed(ck_scroll *s, const uint8_t *luma, size_t stride, uint32_t width,
                       uint32_t height)
{
    if (height > CK_SCROLL_ROWS_MAX || height < 2) {
        s->rows = 0;
        return 0;
    }
    size_t left = width / EDGE_PART;
    for (uint32_t y = 0; y < height; y++) {
        s->next[y] = hash_of(luma + (size_t)y * stride + left, width - 2 * left);
    }
    int32_t way = 0;
    if (s->rows == height && s->width == width) {
        index_rows(s);
        way = count_votes(s);
    }
    memcpy(s->hashes, s->next, height * sizeof s->hashes[0]);
    s->rows = height;
    s->width = width;
    return way;
}
