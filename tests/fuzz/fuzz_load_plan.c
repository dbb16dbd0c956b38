/* Plans of `chalkrail load`: what is taken keeps all limits, what is not is told by name. */
#include "fuzz/fuzz_file.h"
#include "load/plan.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STUDENTS_MAX 16000
#define DAY_MS       86400000

static const cli_choice profiles[] = {
    {"lecture", LOAD_LECTURE}, {"chat-flood", LOAD_CHAT_FLOOD}, {0}};
static const char *const flv[] = {".flv", NULL};

/* One option of each kind. */
static const cli_option table[] = {
    {.name = "students",
     .kind = CLI_NUMBER,
     .offset = offsetof(load_options, students),
     .min = 1,
     .max = STUDENTS_MAX},
    {.name = "room", .kind = CLI_TEXT, .offset = offsetof(load_options, room)},
    {.name = "publish-file",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, publish_file),
     .endings = flv},
    {.name = "profile",
     .kind = CLI_CHOICE,
     .offset = offsetof(load_options, profile),
     .choices = profiles},
    {.name = "for",
     .kind = CLI_DURATION,
     .offset = offsetof(load_options, for_ms),
     .min = 100,
     .max = DAY_MS},
    {.name = "delay",
     .kind = CLI_DURATION,
     .with_unit = true,
     .offset = offsetof(load_options, delay_ms),
     .max = 10000},
    {.name = "loss",
     .kind = CLI_PERCENT,
     .offset = offsetof(load_options, loss_ppm),
     .max = 500000},
    {.name = "json", .kind = CLI_FLAG, .offset = offsetof(load_options, json)},
    {0},
};

static void check_faults(const load_plan *plan)
{
    for (uint32_t i = 0; i < plan->fault_count; i++) {
        const load_fault *f = &plan->faults[i];
        bool stalls = f->kind == LOAD_FAULT_STALL;
        if ((!stalls && f->kind != LOAD_FAULT_CUT) || f->share_ppm < 1 || f->share_ppm > 1000000 ||
            f->at_ms > DAY_MS || (stalls && (f->for_ms < 1 || f->for_ms > 600000)) ||
            (i > 0 && f->at_ms < plan->faults[i - 1].at_ms)) {
            abort();
        }
    }
}

static void check_plan(load_options *o)
{
    load_plan *plan = &o->plan;
    load_plan_complete(o);
    uint64_t sum_ms = 0;
    if (plan->phase_count < 1 || plan->phase_count > LOAD_PHASES_MAX ||
        plan->fault_count > LOAD_FAULTS_MAX || o->students < 1 || o->students > STUDENTS_MAX ||
        o->delay_ms > 10000 || o->loss_ppm > 500000 || o->json) {
        abort();
    }
    for (uint32_t i = 0; i < plan->phase_count; i++) {
        const load_phase *p = &plan->phases[i];
        sum_ms += p->for_ms;
        if ((p->profile != LOAD_LECTURE && p->profile != LOAD_CHAT_FLOOD) || p->for_ms < 100 ||
            p->for_ms > DAY_MS) {
            abort();
        }
    }
    if (o->for_ms != sum_ms || (o->room != NULL && strlen(o->room) == 0)) {
        abort();
    }
    check_faults(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static load_options o; /* larger than a stack should be */
    char why[256] = "";
    o = (load_options){.students = 1, .profile = LOAD_LECTURE, .for_ms = 1000};
    if (load_plan_read(ck_fuzz_file(data, size), table, &o, why, sizeof why)) {
        check_plan(&o);
    } else if (strlen(why) == 0) {
        abort();
    }
    load_plan_free();
    return 0;
}
