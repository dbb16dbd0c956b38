#include "support/calm.h"

#include "support/slowed.h"

#include <dirent.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CALM_US      15000 /* disturbances up to here are in the strict conditions */
#define RUNS_MAX     3
#define NAP_US       2000
#define NAPS_A_LOOK  10  /* threads are looked at every 20 ms */
#define THREADS_MAX  128 /* those beyond are not looked at */
#define OWN_PERCENT  50  /* of one processor: with more, the program disturbs itself */
#define PATIENCE_MAX 1000000

/* A thread of the program, and how long it has waited for a processor in all. */
typedef struct waiting {
    long id;
    uint64_t waited_us;
    bool seen; /* at this look */
} waiting;

static struct {
    int run;               /* of the body, from 1 */
    bool missed, hopeless; /* the strict condition, the loose one too */
    char what[512];        /* was missed first */
    bool watched;
    pthread_t canary;
    atomic_bool over;
    _Atomic uint64_t worst_us;
    uint64_t began_us, began_cpu_us;
    pthread_mutex_t lock; /* of what is below */
    waiting threads[THREADS_MAX];
    size_t count;
    bool looked; /* threads that are new after the first look have not waited before */
} calm = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void ck_calm_note(uint64_t late_us)
{
    uint64_t worst_us = atomic_load(&calm.worst_us);
    while (late_us > worst_us &&
           !atomic_compare_exchange_weak(&calm.worst_us, &worst_us, late_us)) {
    }
}

/* The second figure of schedstat: nanoseconds on the run queue. */
static bool read_waited(const char *id, uint64_t *out_us)
{
    char path[320];
    snprintf(path, sizeof path, "/proc/self/task/%s/schedstat", id);
    FILE *file = fopen(path, "r");
    uint64_t waited_ns = 0;
    bool known = file != NULL && fscanf(file, "%*u %" SCNu64, &waited_ns) == 1;
    if (file != NULL) {
        fclose(file);
    }
    *out_us = waited_ns / 1000;
    return known;
}

static waiting *thread_of(long id, uint64_t waited_us)
{
    for (size_t i = 0; i < calm.count; i++) {
        if (calm.threads[i].id == id) {
            return &calm.threads[i];
        }
    }
    if (calm.count == THREADS_MAX) {
        return NULL;
    }
    waiting *thread = &calm.threads[calm.count++];
    *thread = (waiting){.id = id, .waited_us = calm.looked ? 0 : waited_us};
    return thread;
}

/* Ids are given anew. */
static void forget_gone(void)
{
    for (size_t i = 0; i < calm.count;) {
        if (calm.threads[i].seen) {
            calm.threads[i++].seen = false;
        } else {
            calm.threads[i] = calm.threads[--calm.count];
        }
    }
}

/* Where the system does not tell what threads waited for, the canary alone has to do. */
static void look(void)
{
    pthread_mutex_lock(&calm.lock);
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task; tasks != NULL && (task = readdir(tasks)) != NULL;) {
        uint64_t waited_us;
        long id = strtol(task->d_name, NULL, 10);
        waiting *thread = NULL;
        if (id > 0 && read_waited(task->d_name, &waited_us)) {
            thread = thread_of(id, waited_us);
        }
        if (thread != NULL) {
            ck_calm_note(waited_us - thread->waited_us);
            thread->waited_us = waited_us;
            thread->seen = true;
        }
    }
    if (tasks != NULL) {
        closedir(tasks);
    }
    forget_gone();
    calm.looked = true;
    pthread_mutex_unlock(&calm.lock);
}

static void *canary(void *arg)
{
    (void)arg;
    for (unsigned nap = 0; !atomic_load(&calm.over); nap++) {
        if (nap % NAPS_A_LOOK == 0) {
            look();
        }
        uint64_t before_us = clock_us(CLOCK_MONOTONIC);
        nanosleep(&(struct timespec){.tv_nsec = NAP_US * 1000}, NULL);
        ck_calm_note(clock_us(CLOCK_MONOTONIC) - before_us - NAP_US);
    }
    return NULL;
}

/* Memory is refused: what is late then is not the machine's doing, and bodies are many. */
static bool memory_is_refused(void)
{
    return ck_test_patience_ms(PATIENCE_MAX) < PATIENCE_MAX;
}

void ck_calm_watch(void)
{
    if (calm.watched || memory_is_refused()) {
        return;
    }
    calm.began_us = clock_us(CLOCK_MONOTONIC);
    calm.began_cpu_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
    CK_CHECK_EQ(pthread_create(&calm.canary, NULL, canary, NULL), 0);
    calm.watched = true;
}

uint64_t ck_calm_worst_us(void)
{
    if (calm.watched) {
        look();
    }
    return atomic_load(&calm.worst_us);
}

uint64_t ck_calm_worst_ms(void)
{
    return ck_calm_worst_us() / 1000;
}

void ck_calm_expect(bool strict, bool loose, const char *format, ...)
{
    calm.hopeless = calm.hopeless || !(strict || loose);
    if (!strict && !calm.missed) {
        calm.missed = true;
        va_list args;
        va_start(args, format);
        vsnprintf(calm.what, sizeof calm.what, format, args);
        va_end(args);
        if (calm.run == 0) { /* no CK_CALM_TEST: nobody would judge it */
            CK_FAIL("%s", calm.what);
        }
    }
}

/* How busy the program itself kept a processor; what sanitizers add is not its doing. */
static unsigned own_percent(void)
{
    uint64_t took_us = clock_us(CLOCK_MONOTONIC) - calm.began_us;
    uint64_t cpu_us = clock_us(CLOCK_PROCESS_CPUTIME_ID) - calm.began_cpu_us;
    return (unsigned)(cpu_us * 100 / CK_TEST_SLOWED / (took_us + 1));
}

static void stop_watching(void)
{
    if (calm.watched) {
        atomic_store(&calm.over, true);
        pthread_join(calm.canary, NULL);
        calm.watched = false;
    }
}

static void judge(void)
{
    unsigned own = own_percent();
    uint64_t worst_ms = ck_calm_worst_ms();
    stop_watching();
    bool was_calm = worst_ms < CALM_US / 1000 || own > OWN_PERCENT;
    if (was_calm || (calm.run == RUNS_MAX && calm.hopeless)) {
        CK_FAIL("%s (run %d, disturbed for up to %" PRIu64 " ms, itself %u %% of a processor)",
                calm.what, calm.run, worst_ms, own);
    }
    fprintf(stderr, "%s: but the machine was away for %" PRIu64 " ms: %s\n", calm.what, worst_ms,
            calm.run < RUNS_MAX ? "once more" : "never calm, judged by the looser condition");
}

bool ck_calm_try(void)
{
    bool again = calm.run == 0;
    if (calm.missed) {
        judge();
        again = calm.run < RUNS_MAX;
    }
    stop_watching();
    atomic_store(&calm.over, false);
    atomic_store(&calm.worst_us, 0);
    calm.missed = calm.hopeless = calm.looked = false;
    calm.count = 0;
    calm.run = again ? calm.run + 1 : 0;
    return again;
}
