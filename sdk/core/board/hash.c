/* Each part by itself, so that a change costs no more than what it changes; the board's hash is the
 * sum. */
#include "core/board/inside.h"

#include <string.h>

/* The finaliser of SplitMix64: sums of plain products would let differences cancel out. */
uint64_t ck_board_mix(uint64_t hash, uint64_t value)
{
    uint64_t z = (hash ^ value) + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t ck_board_hash_bytes(uint64_t hash, const void *data, size_t size)
{
    const uint8_t *at = data;
    hash = ck_board_mix(hash, size);
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = 0;
        for (size_t k = 0; k < 8 && i + k < size; k++) {
            word |= (uint64_t)at[i + k] << (8 * k);
        }
        hash = ck_board_mix(hash, word);
    }
    return hash;
}

static uint64_t pair(int32_t high, int32_t low)
{
    return (uint64_t)(uint32_t)high << 32 | (uint32_t)low;
}

uint64_t ck_board_hash_object(const ck_board_object *o)
{
    uint64_t hash = ck_board_mix(1, o->id);
    hash = ck_board_mix(hash, o->born);
    hash = ck_board_mix(hash, o->gone_by);
    hash = ck_board_mix(hash, o->body_hash);
    hash = ck_board_mix(hash, pair(o->x, o->y));
    hash = ck_board_mix(hash, pair(o->sx, o->sy));
    hash = ck_board_mix(hash, (uint64_t)o->colour << 32 | o->fill);
    hash = ck_board_mix(hash, (uint64_t)o->width << 32 | (uint32_t)o->z);
    hash = ck_board_mix(hash, (uint64_t)o->page << 24 | (uint64_t)o->kind << 16 |
                                  (uint64_t)o->unit << 8 | o->unmade);
    for (uint32_t i = 0; i < o->erased_count; i++) {
        hash = ck_board_mix(hash, o->erased[i].by);
        hash = ck_board_mix(hash, (uint64_t)o->erased[i].range.from << 32 | o->erased[i].range.to);
    }
    return hash;
}

uint64_t ck_board_hash_page(const ck_board_page *page)
{
    uint64_t hash = ck_board_mix(2, (uint64_t)page->number << 8 | page->access);
    hash = ck_board_mix(hash, page->cleared);
    hash = ck_board_mix(hash, page->floor);
    hash = ck_board_mix(hash, pair(page->front, page->back));
    hash = ck_board_mix(hash, page->background.kind << 32 | page->background.deck_page);
    hash = ck_board_hash_bytes(hash, page->background.hash, sizeof page->background.hash);
    for (uint32_t i = 0; i < page->named_count; i++) {
        hash = ck_board_mix(hash, page->named[i]);
    }
    return hash;
}

uint64_t ck_board_hash_author(const ck_board_author *author)
{
    uint64_t hash = ck_board_mix(3, author->id);
    return ck_board_mix(hash, (uint64_t)author->term << 32 | author->counter);
}

uint64_t ck_board_hash_entry(const ck_board_entry *entry)
{
    uint64_t hash = ck_board_mix(4, entry->id);
    hash = ck_board_mix(hash, entry->number);
    hash = ck_board_mix(hash, (uint64_t)entry->page << 32 | (uint64_t)entry->doing << 16 |
                                  (uint64_t)entry->mask << 8 | entry->undone);
    for (uint32_t i = 0; i < entry->count; i++) {
        hash = ck_board_mix(hash, entry->refs[i].id);
        for (int k = 0; k < 6; k += 2) {
            hash =
                ck_board_mix(hash, pair(entry->refs[i].numbers[k], entry->refs[i].numbers[k + 1]));
        }
    }
    return hash;
}

/* The view and the order of pages are few, and not in the sum. */
uint64_t ck_board_hash(const ck_board *b)
{
    uint64_t hash = ck_board_mix(b->sum, b->count);
    for (uint32_t i = 0; i < b->page_count; i++) {
        hash = ck_board_mix(hash, b->order[i]);
    }
    hash = ck_board_mix(hash, b->view.leader);
    hash = ck_board_mix(hash, (uint64_t)b->view.page << 32 | b->view.zoom);
    return ck_board_mix(hash, pair(b->view.x, b->view.y));
}
