#include "sim/seeds.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

bool ck_seeds_number(const char *text, uint64_t max, uint64_t *out)
{
    return text != NULL && ck_text_u64(text, max, out) && *out > 0;
}

static bool refuse(char **argv)
{
    fprintf(stderr, "chalk-sim: %s wants a number from 1, at most %u runs: not \"%s\"\n", argv[1],
            CK_SEEDS_MAX, argv[2]);
    return false;
}

bool ck_seeds_read(ck_seeds *seeds, int argc, char **argv)
{
    uint64_t number = 0;
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        bool good = ck_seeds_number(argv[2], UINT64_MAX - 1, &number);
        *seeds = (ck_seeds){number, number};
        return good || refuse(argv);
    }
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
        seeds->first = 1;
        return ck_seeds_number(argv[2], CK_SEEDS_MAX, &seeds->last) || refuse(argv);
    }
    if (argc > 1) {
        fprintf(stderr, "chalk-sim: %s: no such option\n", argv[1]);
    }
    return argc == 1;
}
