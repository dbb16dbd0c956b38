/* chalk-bench-store: see usage below. */
#include "base/check.h"
#include "edge/room_store.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define ROOMS_MAX     4096
#define SAMPLES_MAX   400000
#define RECORD_BYTES  150
#define PERIOD_US     50000 /* 20 records a second of a room */
#define CHECKPOINT_AT 1000  /* records of a room */
#define STATE_BYTES   50000

static const char usage[] =
    "usage: chalk-bench-store DIR ROOMS SECONDS [flood]\n"
    "Rooms that append 20 records of 150 bytes a second each to the store in DIR, or as many as "
    "it\n"
    "takes, with a checkpoint of 50 KB every 1,000. ROOMS 0: a bare write and fdatasync of such a\n"
    "record, one after the other. Prints one JSON object; latencies are from the call to the "
    "answer.\n";

typedef struct bench_room {
    ck_lease *lease;
    uint64_t to;
    uint64_t asked_us;
    bool busy;
} bench_room;

static bench_room rooms[ROOMS_MAX];
static uint32_t samples[SAMPLES_MAX];
static uint8_t record[RECORD_BYTES], state[STATE_BYTES];
static size_t sample_count;
static uint64_t appends, late;
static unsigned opened;
static bool flood, failed, stopping;

static void keep_sample(uint64_t us)
{
    if (sample_count < SAMPLES_MAX) {
        samples[sample_count++] = (uint32_t)CK_MIN(us, UINT32_MAX);
    }
}

static void append(bench_room *r)
{
    r->busy = true;
    r->asked_us = ck_clock_us();
    if (ck_lease_append(r->lease, r->to, r->to + 1, ck_slice_static(record, sizeof record)) < 0) {
        failed = true;
    }
}

static void on_opened(void *user, int status, uint64_t epoch)
{
    (void)user;
    (void)epoch;
    failed = failed || status < 0;
    opened++;
}

static void on_appended(void *user, uint64_t to, enum ck_store_answer answer)
{
    bench_room *r = user;
    failed = failed || answer != CK_STORE_COMMITTED;
    r->busy = false;
    r->to = to;
    appends++;
    keep_sample(ck_clock_us() - r->asked_us);
    if (to % CHECKPOINT_AT == 0) {
        (void)ck_lease_checkpoint(r->lease, to, ck_slice_static(state, sizeof state));
    }
    if (flood && !stopping) {
        append(r);
    }
}

static void turn(ck_loop *loop, int wait_ms)
{
    struct pollfd fd = {.fd = ck_loop_poll_fd(loop), .events = POLLIN};
    (void)ck_loop_poll(loop);
    (void)poll(&fd, 1, CK_MIN(wait_ms, ck_loop_poll_timeout_ms(loop)));
}

/* Their records are spread over the period, as those of rooms are. */
static void append_what_is_due(unsigned count, uint64_t since_us, uint64_t *next)
{
    const uint64_t now_us = ck_clock_us();
    while (!flood && since_us + *next * PERIOD_US / count <= now_us) {
        bench_room *r = &rooms[*next % count];
        if (r->busy) {
            late++;
        } else {
            append(r);
        }
        ++*next;
    }
}

static int run_rooms(ck_loop *loop, ck_room_store *store, unsigned count, uint64_t seconds)
{
    static const ck_lease_events events = {.opened = on_opened, .appended = on_appended};
    for (unsigned i = 0; i < count; i++) {
        char name[16];
        const int size = snprintf(name, sizeof name, "room %u", i);
        if (ck_lease_open(store, ck_bytes_of(name, (size_t)size), &events, &rooms[i],
                          &rooms[i].lease) < 0) {
            return -1;
        }
    }
    while (opened < count && !failed) {
        turn(loop, 10);
    }
    const uint64_t since_us = ck_clock_us();
    uint64_t next = 0;
    for (unsigned i = 0; flood && i < count; i++) {
        append(&rooms[i]);
    }
    while (!failed && ck_clock_us() - since_us < seconds * 1000000) {
        append_what_is_due(count, since_us, &next);
        turn(loop, 1);
    }
    stopping = true;
    return failed ? -1 : 0;
}

static int run_bare(const char *folder, uint64_t seconds)
{
    char path[512];
    snprintf(path, sizeof path, "%s.bare", folder);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    const uint64_t since_us = ck_clock_us();
    uint64_t now_us = since_us;
    while (fd >= 0 && !failed && now_us - since_us < seconds * 1000000) {
        failed = write(fd, record, sizeof record) != sizeof record || fdatasync(fd) != 0;
        const uint64_t done_us = ck_clock_us();
        keep_sample(done_us - now_us);
        now_us = done_us;
        appends++;
    }
    close(fd);
    unlink(path);
    return fd < 0 || failed ? -1 : 0;
}

static int by_value(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static double ms_at(double share)
{
    return sample_count > 0 ? samples[(size_t)(share * (double)(sample_count - 1))] / 1000.0 : 0;
}

static void print(uint64_t seconds, const ck_room_store_stats *stats)
{
    struct rusage use;
    (void)getrusage(RUSAGE_SELF, &use);
    const double cpu_s = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                         (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
    qsort(samples, sample_count, sizeof samples[0], by_value);
    printf("{\"appends_per_s\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"late\":%llu,"
           "\"syncs_per_s\":%.0f,\"cpu_percent\":%.1f}\n",
           (double)appends / (double)seconds, ms_at(0.5), ms_at(0.99), (unsigned long long)late,
           (double)stats->syncs / (double)seconds, cpu_s * 100 / (double)seconds);
}

int main(int argc, char **argv)
{
    ck_room_store_stats stats = {0};
    const unsigned count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : ROOMS_MAX + 1;
    const uint64_t seconds = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    flood = argc > 4 && strcmp(argv[4], "flood") == 0;
    if (count > ROOMS_MAX || seconds == 0) {
        fputs(usage, stderr);
        return 2;
    }
    memset(record, 'r', sizeof record);
    memset(state, 's', sizeof state);
    int status = -1;
    if (count == 0) {
        status = run_bare(argv[1], seconds);
    } else {
        ck_loop *loop = NULL;
        ck_room_store *store = NULL;
        status = ck_loop_create(&(ck_loop_config){.host_driven = true}, &loop);
        if (status == CHALK_OK) {
            const ck_room_store_config config = {.loop = loop, .folder = argv[1]};
            status = ck_disk_rooms_create(&config, &store);
        }
        if (status == CHALK_OK) {
            status = run_rooms(loop, store, count, seconds);
            ck_room_store_get_stats(store, &stats);
        }
        ck_room_store_destroy(&store);
        ck_loop_destroy(&loop);
    }
    if (status < 0) {
        fputs("chalk-bench-store: the disk does not take it\n", stderr);
        return 1;
    }
    print(seconds, &stats);
    return 0;
}
