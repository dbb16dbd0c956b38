#include "load/ledger.h"

#include <stdlib.h>
#include <string.h>

#define PRINT_START UINT64_C(0xcbf29ce484222325) /* FNV-1a, 64 bits */
#define PRINT_TIMES UINT64_C(0x100000001b3)

static uint64_t mix(uint64_t print, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++) {
        print = (print ^ at[i]) * PRINT_TIMES;
    }
    return print;
}

uint64_t load_print(uint64_t number, uint64_t author, const char *text, size_t size)
{
    uint64_t print = mix(PRINT_START, &number, sizeof number);
    print = mix(print, &author, sizeof author);
    return mix(print, text, size);
}

static uint64_t at_number(uint64_t content, uint64_t number)
{
    return mix(content, &number, sizeof number);
}

enum load_order load_tally_add(load_tally *t, uint64_t number, uint64_t content)
{
    enum load_order order = number > t->last    ? LOAD_IN_ORDER
                            : number == t->last ? LOAD_DOUBLED
                                                : LOAD_BACKWARD;
    t->first = t->count == 0 || number < t->first ? number : t->first;
    t->last = number > t->last ? number : t->last;
    t->count++;
    t->sum += at_number(content, number);
    t->content += content;
    return order;
}

/* The index of the first entry whose number is not below. */
static size_t place_of(const load_ledger *l, uint64_t number)
{
    size_t low = 0, high = l->count;
    if (l->count > 0 && l->entries[l->count - 1].number < number) {
        return l->count; /* nearly always: events come in order */
    }
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->entries[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool make_place(load_ledger *l)
{
    if (l->count < l->size) {
        return true;
    }
    size_t size = l->size == 0 ? 64 : 2 * l->size;
    load_entry *grown = realloc(l->entries, size * sizeof *grown);
    if (grown == NULL) {
        l->failed = true;
        return false;
    }
    l->entries = grown;
    l->size = size;
    return true;
}

void load_ledger_add(load_ledger *l, uint64_t number, uint64_t content)
{
    size_t at = place_of(l, number);
    if (at < l->count && l->entries[at].number == number) {
        l->contradictions += l->entries[at].content != content;
        return;
    }
    if (make_place(l)) {
        memmove(&l->entries[at + 1], &l->entries[at], (l->count - at) * sizeof *l->entries);
        l->entries[at] =
            (load_entry){.number = number, .content = content, .print = at_number(content, number)};
        l->count++;
    }
}

void load_ledger_free(load_ledger *l)
{
    free(l->entries);
    *l = (load_ledger){0};
}

void load_ledger_close(load_ledger *l)
{
    uint64_t sum = 0, content = 0;
    for (size_t i = 0; i < l->count; i++) {
        l->entries[i].count_before = i;
        l->entries[i].sum_before = sum;
        l->entries[i].content_before = content;
        sum += l->entries[i].print;
        content += l->entries[i].content;
    }
}

bool load_ledger_has(const load_ledger *l, uint64_t number)
{
    size_t at = place_of(l, number);
    return at < l->count && l->entries[at].number == number;
}

load_difference load_ledger_compare(const load_ledger *l, const load_tally *t, uint64_t to)
{
    if (t->count == 0) {
        return (load_difference){0}; /* from no number on nothing is missing */
    }
    to = t->to != 0 ? t->to : to;
    uint64_t last = t->last > to ? t->last : to;
    size_t from = place_of(l, t->first);
    size_t end = place_of(l, last + 1);
    uint64_t count = end - from;
    uint64_t sum = 0, content = 0;
    if (count > 0) {
        const load_entry *newest = &l->entries[end - 1];
        sum = newest->sum_before + newest->print - l->entries[from].sum_before;
        content = newest->content_before + newest->content - l->entries[from].content_before;
    }
    bool differs = count == t->count && sum != t->sum;
    return (load_difference){
        .lost = count > t->count ? count - t->count : 0,
        .extra = t->count > count ? t->count - count : 0,
        .swapped = differs && content == t->content,
        .altered = differs && content != t->content,
    };
}

/* Of old messages who came late may know fewer. */
static bool agree(const load_state *a, const load_state *b)
{
    uint64_t lines = a->line_count < b->line_count ? a->line_count : b->line_count;
    return a->print == b->print && memcmp(a->lines, b->lines, lines * sizeof *a->lines) == 0;
}

uint64_t load_states_differ(const load_state *states, size_t count)
{
    uint64_t differ = 0;
    for (size_t i = 0; i < count; i++) {
        size_t first = 0; /* nearly always, for they all come to the end */
        while (states[first].number != states[i].number) {
            first++;
        }
        differ += !agree(&states[first], &states[i]);
    }
    return differ;
}

uint64_t load_states_behind(const load_state *states, size_t count)
{
    uint64_t end = 0, behind = 0;
    for (size_t i = 0; i < count; i++) {
        end = states[i].number > end ? states[i].number : end;
    }
    for (size_t i = 0; i < count; i++) {
        behind += states[i].number < end;
    }
    return behind;
}
