/* What somebody meant who mistyped a name: the nearest one by edit distance, if it is near. */
#include "cli/options.h"

#include <string.h>

#define NAME_MAX_BYTES 32

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[3][NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= b_size; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t change = a[i - 1] != b[j - 1];
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + change);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && above2[j - 2] + 1 < row[j]) {
                row[j] = above2[j - 2] + 1;
            }
        }
    }
    return rows[a_size % 3][b_size];
}

const char *cli_nearest(const char *typed, const char *const *names, size_t count)
{
    size_t typed_size = strlen(typed);
    if (typed_size == 0 || typed_size > NAME_MAX_BYTES) {
        return NULL;
    }
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(names[i]);
        if (size > NAME_MAX_BYTES) {
            continue;
        }
        size_t d = distance(typed, typed_size, names[i], size);
        /* A beginning of the name is as good as one slip. */
        if (typed_size >= 3 && strncmp(typed, names[i], typed_size) == 0) {
            d = 1;
        }
        /* In a short name every slip weighs more. */
        if (d <= 1 + size / 5 && d < size && d < best_distance) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}
