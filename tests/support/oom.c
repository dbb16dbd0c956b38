#include "support/oom.h"

#include "base/rng.h"
#include "support/folder.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAMPLE_S     2
#define ALL_S        300 /* of one program, when CHALKRAIL_OOM=all */
#define HANG_S       60  /* a body that needs longer waits for what will not come */
#define DENSE        32  /* so many first allocations are refused each, also without --all */
#define BAD_TOLD_MAX 5   /* of one test; the rest is counted */
#define SLOW_S       0.2 /* a body that takes longer is not run for each allocation, --all or not */

typedef struct oom_state {
    atomic_size_t calls; /* allocations and growths asked for */
    size_t refuse_at;    /* the call (1-based) that is refused; 0: none */
    bool onwards;        /* and all after it */
    bool told;           /* the place is printed */
    atomic_bool refused; /* it came to that */
    atomic_int ending;   /* ck_oom_ending */
} oom_state;

typedef struct oom_run {
    bool all;
    double seconds;
    const char *only; /* SUITE/NAME */
    const char *at;   /* N or N+ */
    ck_rng rng;
    double began;
    size_t planned, done; /* a test counts twice, for the two ways */
    size_t runs, passed, noticed, bad, cut_short;
} oom_run;

static oom_state unarmed;
static oom_state *state = &unarmed; /* shared with the children */

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
void __sanitizer_print_stack_trace(void) __attribute__((weak));

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool ck_oom_refuses(void)
{
    size_t call = atomic_fetch_add(&state->calls, 1) + 1;
    bool refused = state->refuse_at != 0 &&
                   (call == state->refuse_at || (state->onwards && call > state->refuse_at));
    if (refused) {
        bool first = !atomic_exchange(&state->refused, true);
        if (first && state->told && __sanitizer_print_stack_trace != NULL) {
            __sanitizer_print_stack_trace();
        }
    }
    return refused;
}

void ck_oom_end(ck_oom_ending ending)
{
    bool leaked = __lsan_do_recoverable_leak_check != NULL && __lsan_do_recoverable_leak_check();
    atomic_store(&state->ending, (int)(leaked ? CK_OOM_LEAKED : ending));
    _exit(0);
}

static void arm(size_t at, bool onwards, bool told)
{
    atomic_store(&state->calls, 0);
    atomic_store(&state->refused, false);
    atomic_store(&state->ending, (int)CK_OOM_VANISHED);
    state->refuse_at = at;
    state->onwards = onwards;
    state->told = told;
}

static void copy_to_stderr(FILE *from)
{
    char block[4096];
    rewind(from);
    for (size_t got = 0; (got = fread(block, 1, sizeof block, from)) > 0;) {
        fwrite(block, 1, got, stderr);
    }
}

static const char *what_is_wrong(int status, char *text, size_t size)
{
    int ending = atomic_load(&state->ending);
    if (ending == CK_OOM_PASSED || ending == CK_OOM_NOTICED) {
        return NULL;
    }
    if (ending == CK_OOM_LEAKED) {
        return "leaked";
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        return "hung";
    }
    if (WIFSIGNALED(status)) {
        snprintf(text, size, "ended by signal %d", WTERMSIG(status));
    } else {
        snprintf(text, size, "left with status %d", WEXITSTATUS(status));
    }
    return text;
}

/* One body in a child. True: it ended as it may. */
static bool run_child(const ck_test_entry *test, bool told)
{
    FILE *output = tmpfile();
    int status = 0;
    char text[64];
    fflush(NULL);
    pid_t pid = output != NULL ? fork() : -1;
    if (pid < 0) {
        perror("oom");
        exit(2);
    }
    if (pid == 0) {
        dup2(fileno(output), STDERR_FILENO);
        dup2(fileno(output), STDOUT_FILENO);
        alarm(HANG_S);
        test->body();
        ck_oom_end(CK_OOM_PASSED);
    }
    waitpid(pid, &status, 0);
    const char *wrong = what_is_wrong(status, text, sizeof text);
    if (wrong != NULL && told) {
        fprintf(stderr, "%s/%s --at %zu%s: %s\n", test->suite, test->name, state->refuse_at,
                state->onwards ? "+" : "", wrong);
        copy_to_stderr(output);
    }
    fclose(output);
    return wrong == NULL;
}

/* Each test has an equal share of the time, in each of the two ways, and what those before left. */
static bool over(const oom_run *run)
{
    double share = run->seconds * (double)(run->done + 1) / (double)run->planned;
    return run->seconds > 0 && now_s() - run->began > share;
}

/* Every allocation, or steps that grow with the way, by an eighth on the average. */
static size_t step(oom_run *run, size_t at, double body_s)
{
    bool each = run->all ? body_s < SLOW_S || at < DENSE * 2 : at < DENSE;
    return each ? 1 : 1 + (size_t)ck_rng_below(&run->rng, 1 + at / 4);
}

static void torture(oom_run *run, const ck_test_entry *test, bool onwards)
{
    size_t bad = 0, count = 0;
    double began = now_s();
    for (size_t at = 1;;) {
        arm(at, onwards, false);
        bool fine = run_child(test, bad < BAD_TOLD_MAX);
        count++;
        bad += !fine;
        run->passed += atomic_load(&state->ending) == CK_OOM_PASSED;
        run->noticed += atomic_load(&state->ending) == CK_OOM_NOTICED;
        if (fine && !atomic_load(&state->refused)) {
            break;
        }
        if (over(run)) {
            run->cut_short++;
            break;
        }
        at += step(run, at, (now_s() - began) / (double)count);
    }
    if (bad > BAD_TOLD_MAX) {
        fprintf(stderr, "%s/%s: %zu more ended badly\n", test->suite, test->name,
                bad - BAD_TOLD_MAX);
    }
    run->runs += count;
    run->bad += bad;
    run->done++;
}

/* From now on what a child writes into the state is seen here. */
static bool share_state(void)
{
    FILE *file = tmpfile();
    if (file == NULL || ftruncate(fileno(file), sizeof *state) != 0) {
        return false;
    }
    void *shared = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    fclose(file);
    if (shared != MAP_FAILED) {
        state = shared;
    }
    return shared != MAP_FAILED;
}

static bool chosen(const oom_run *run, const ck_test_entry *test)
{
    char name[256];
    snprintf(name, sizeof name, "%s/%s", test->suite, test->name);
    return run->only == NULL || strcmp(run->only, name) == 0;
}

static int run_one(const oom_run *run, const ck_test_entry *tests)
{
    char *end;
    size_t number = strtoull(run->at, &end, 10);
    for (const ck_test_entry *test = tests; test != NULL; test = test->next) {
        if (chosen(run, test)) {
            arm(number, *end == '+', true);
            test->body();
            ck_oom_end(CK_OOM_PASSED);
        }
    }
    fprintf(stderr, "no such test\n");
    return 2;
}

static bool read_options(oom_run *run, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--all") == 0) {
            run->all = true;
            continue;
        }
        if (strcmp(argv[i], "--seconds") == 0) {
            run->seconds = strtod(value, NULL);
        } else if (strcmp(argv[i], "--seed") == 0) {
            ck_rng_seed(&run->rng, strtoull(value, NULL, 10));
        } else if (strcmp(argv[i], "--only") == 0) {
            run->only = value;
        } else if (strcmp(argv[i], "--at") == 0) {
            run->at = value;
        } else {
            fprintf(stderr, "unknown option: %s\n", argv[i]);
            return false;
        }
        i++;
    }
    return true;
}

int ck_oom_main(const ck_test_entry *tests, int argc, char **argv)
{
    const char *wanted = getenv("CHALKRAIL_OOM");
    bool all = wanted != NULL && strcmp(wanted, "all") == 0;
    oom_run run = {.all = all, .seconds = all ? ALL_S : SAMPLE_S, .began = now_s()};
    ck_rng_seed(&run.rng, 1);
    if (!read_options(&run, argc, argv)) {
        return 2;
    }
    if (run.at != NULL) {
        return run_one(&run, tests);
    }
    if (!share_state()) {
        perror("oom");
        return 2;
    }
    ck_test_folders_begin();
    for (const ck_test_entry *test = tests; test != NULL; test = test->next) {
        run.planned += chosen(&run, test) ? 2 : 0;
    }
    for (const ck_test_entry *test = tests; test != NULL; test = test->next) {
        if (chosen(&run, test)) {
            torture(&run, test, false);
            torture(&run, test, true);
        }
    }
    ck_test_folders_end();
    printf("%zu runs in %.1f s: %zu passed, %zu noticed, %zu bad; %zu of %zu ways cut short\n",
           run.runs, now_s() - run.began, run.passed, run.noticed, run.bad, run.cut_short,
           run.planned);
    return run.runs > 0 && run.bad == 0 ? 0 : 1;
}
