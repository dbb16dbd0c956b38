/* chalk-bench: see usage below. */
#include "bench/bench.h"

#include "base/check.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 99

static const char usage[] = "usage: chalk-bench [--json] [--rounds N]\n"
                            "Measures the hot paths of base and core: medians of N (7) rounds.\n";

static const ck_bench *const benches[] = {
    &ck_bench_amf,        &ck_bench_flv_demux, &ck_bench_h264_rewrite,
    &ck_bench_h264_split, &ck_bench_rtmp_link,
};

typedef struct row {
    const char *name;
    const char *what;
    double mb_per_s;
    double ns_per_unit;
    double to_memcpy; /* time of the work : time of copying the bytes */
    double spread;    /* slowest round : fastest round */
} row;

void ck_bench_fill(uint8_t *out, size_t size, uint64_t seed)
{
    ck_rng rng;
    ck_rng_seed(&rng, seed);
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(ck_rng_next(&rng) | 4);
    }
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double copy_s(size_t size)
{
    static uint8_t from[1 << 20], to[1 << 20];
    double start = now_s();
    for (size_t left = size; left > 0; left -= CK_MIN(left, sizeof from)) {
        memcpy(to, from, CK_MIN(left, sizeof from));
        from[left % sizeof from] ^=
            to[(left / 2) % sizeof to]; /* or the copies are optimised away */
    }
    return now_s() - start;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return values[count / 2];
}

static int measure(const ck_bench *bench, int rounds, row *out)
{
    double took[ROUNDS_MAX], ratio[ROUNDS_MAX];
    uint64_t units = 0;
    size_t size = bench->run(&units); /* warms caches and allocator */
    for (int i = 0; i < rounds && size > 0; i++) {
        double start = now_s();
        size = bench->run(&units);
        took[i] = now_s() - start;
        ratio[i] = took[i] / copy_s(size);
    }
    if (size == 0 || units == 0) {
        fprintf(stderr, "chalk-bench: %s failed\n", bench->name);
        return -1;
    }
    double middle = median(took, rounds);
    *out = (row){
        .name = bench->name,
        .what = bench->what,
        .mb_per_s = (double)size / 1e6 / middle,
        .ns_per_unit = middle * 1e9 / (double)units,
        .to_memcpy = median(ratio, rounds),
        .spread = took[rounds - 1] / took[0],
    };
    return 0;
}

static void print_text(const row *rows, size_t count)
{
    printf("%-14s %10s %12s %12s %8s\n", "", "MB/s", "ns", "x memcpy", "spread");
    for (size_t i = 0; i < count; i++) {
        printf("%-14s %10.0f %12.1f %12.2f %8.2f  a %s\n", rows[i].name, rows[i].mb_per_s,
               rows[i].ns_per_unit, rows[i].to_memcpy, rows[i].spread, rows[i].what);
    }
}

static void print_json(const row *rows, size_t count, int rounds)
{
    printf("{\"bench\":\"core\",\"rounds\":%d,\"rows\":[", rounds);
    for (size_t i = 0; i < count; i++) {
        printf("%s{\"name\":\"%s\",\"unit\":\"%s\",\"mb_per_s\":%.1f,\"ns_per_unit\":%.1f,"
               "\"time_to_memcpy\":%.3f,\"spread\":%.3f}",
               i > 0 ? "," : "", rows[i].name, rows[i].what, rows[i].mb_per_s, rows[i].ns_per_unit,
               rows[i].to_memcpy, rows[i].spread);
    }
    printf("]}\n");
}

int main(int argc, char **argv)
{
    int json = 0, rounds = 7;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            json = 1;
        } else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
            rounds = (int)strtol(argv[++i], NULL, 10);
        } else {
            rounds = 0;
        }
    }
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fputs(usage, stderr);
        return 2;
    }
    row rows[CK_COUNT_OF(benches)];
    for (size_t i = 0; i < CK_COUNT_OF(benches); i++) {
        if (measure(benches[i], rounds, &rows[i]) != 0) {
            return 1;
        }
    }
    if (json) {
        print_json(rows, CK_COUNT_OF(rows), rounds);
    } else {
        print_text(rows, CK_COUNT_OF(rows));
    }
    return 0;
}
