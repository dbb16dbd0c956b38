#include "load/plan.h"

#include "cli/value.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *tree; /* options point into it */

typedef struct reader {
    const char *path;
    const cli_option *table;
    load_options *out;
    char *why;
    size_t why_size;
} reader;

static bool wrong(const reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(const reader *r, const char *format, ...)
{
    int used = snprintf(r->why, r->why_size, "%s: ", r->path);
    va_list args;
    va_start(args, format);
    if (used > 0 && (size_t)used < r->why_size) {
        (void)vsnprintf(r->why + used, r->why_size - (size_t)used, format, args);
    }
    va_end(args);
    return false;
}

/* --- values ---------------------------------------------------------------------------------- */

/* As it would stand on the command line: so it is read by the same rules. */
static const char *text_of(const cJSON *value, char *out, size_t size)
{
    if (cJSON_IsString(value)) {
        return value->valuestring;
    }
    if (cJSON_IsNumber(value)) {
        (void)snprintf(out, size, "%.10g", value->valuedouble);
        return out;
    }
    return NULL;
}

static const cli_option *find(const cli_option *table, const char *name)
{
    for (const cli_option *o = table; o->name != NULL; o++) {
        if (strcmp(o->name, name) == 0) {
            return o;
        }
    }
    return NULL;
}

static bool unknown(const reader *r, const char *where, const char *name, const cli_option *table)
{
    const char *names[64];
    size_t count = 0;
    for (const cli_option *o = table; o->name != NULL && count < 64; o++) {
        names[count] = o->name;
        count += o->kind != CLI_FLAG;
    }
    const char *near = cli_nearest(name, names, count);
    return wrong(r, "%s%.40s: there is no such field%s%s%s", where, name,
                 near != NULL ? "; is " : "", near != NULL ? near : "",
                 near != NULL ? " meant?" : "");
}

/* One field of an object whose fields are those of `table`. */
static bool read_field(const reader *r, const char *where, const cJSON *value,
                       const cli_option *table, void *fields)
{
    char text[64], should[256];
    const cli_option *o = find(table, value->string);
    if (o != NULL && o->kind == CLI_FLAG) {
        return wrong(r, "%s%s: belongs on the command line", where, o->name);
    }
    if (o == NULL) {
        return unknown(r, where, value->string, table);
    }
    const char *given = text_of(value, text, sizeof text);
    if (given == NULL) {
        return wrong(r, "%s%s: neither a text nor a number", where, value->string);
    }
    if (!cli_value_set(o, given, fields, should, sizeof should)) {
        return wrong(r, "%s%s: '%.40s' is not %s", where, value->string, given, should);
    }
    return true;
}

static bool read_object(const reader *r, const char *where, const cJSON *object,
                        const cli_option *table, void *fields)
{
    if (!cJSON_IsObject(object)) {
        return wrong(r, "%s is no object", where);
    }
    for (const cJSON *value = object->child; value != NULL; value = value->next) {
        if (!read_field(r, where, value, table, fields)) {
            return false;
        }
    }
    return true;
}

/* --- phases and faults ----------------------------------------------------------------------- */

static const cli_choice fault_kinds[] = {{"stall", LOAD_FAULT_STALL}, {"cut", LOAD_FAULT_CUT}, {0}};

static const cli_option fault_table[] = {
    {.name = "at",
     .kind = CLI_DURATION,
     .offset = offsetof(load_fault, at_ms),
     .max = 24 * 3600000ull},
    {.name = "kind",
     .kind = CLI_CHOICE,
     .offset = offsetof(load_fault, kind),
     .choices = fault_kinds},
    {.name = "share",
     .kind = CLI_PERCENT,
     .offset = offsetof(load_fault, share_ppm),
     .min = 1,
     .max = 1000000},
    {.name = "for",
     .kind = CLI_DURATION,
     .offset = offsetof(load_fault, for_ms),
     .min = 1,
     .max = 600000},
    {0},
};

static bool read_phase(const reader *r, const char *where, const cJSON *value, uint32_t index)
{
    load_phase *phase = &r->out->plan.phases[index];
    const cli_option *profile = find(r->table, "profile"), *lasts = find(r->table, "for");
    const cli_option table[] = {
        {.name = "profile",
         .kind = CLI_CHOICE,
         .choices = profile->choices,
         .offset = offsetof(load_phase, profile)},
        {.name = "for",
         .kind = CLI_DURATION,
         .min = lasts->min,
         .max = lasts->max,
         .offset = offsetof(load_phase, for_ms)},
        {0},
    };
    if (!read_object(r, where, value, table, phase)) {
        return false;
    }
    return (phase->profile != 0 && phase->for_ms != 0) ||
           wrong(r, "%sprofile and %sfor are needed", where, where);
}

static bool read_fault(const reader *r, const char *where, const cJSON *value, uint32_t index)
{
    load_fault *faults = r->out->plan.faults, *fault = &faults[index];
    if (!read_object(r, where, value, fault_table, fault)) {
        return false;
    }
    if (fault->kind == 0 || fault->share_ppm == 0 ||
        (fault->kind == LOAD_FAULT_STALL && fault->for_ms == 0)) {
        return wrong(r, "%skind and %sshare are needed, and of a stall %sfor", where, where, where);
    }
    return index == 0 || faults[index - 1].at_ms <= fault->at_ms ||
           wrong(r, "%sat: earlier than that of the fault before it", where);
}

static bool read_list(const reader *r, const cJSON *list, uint32_t most, uint32_t *count,
                      bool (*read)(const reader *r, const char *where, const cJSON *value,
                                   uint32_t index))
{
    char where[64];
    if (!cJSON_IsArray(list) || list->child == NULL) {
        return wrong(r, "%s: not a list with something in it", list->string);
    }
    for (const cJSON *value = list->child; value != NULL; value = value->next) {
        if (*count == most) {
            return wrong(r, "%s: more than %u", list->string, most);
        }
        (void)snprintf(where, sizeof where, "%s[%u].", list->string, *count);
        if (!read(r, where, value, *count)) {
            return false;
        }
        (*count)++;
    }
    return true;
}

static bool read_plan(const reader *r, const cJSON *plan)
{
    if (!cJSON_IsObject(plan)) {
        return wrong(r, "the file is no object");
    }
    bool good = true;
    for (const cJSON *value = plan->child; good && value != NULL; value = value->next) {
        if (strcmp(value->string, "phases") == 0) {
            good = read_list(r, value, LOAD_PHASES_MAX, &r->out->plan.phase_count, read_phase);
        } else if (strcmp(value->string, "faults") == 0) {
            good = read_list(r, value, LOAD_FAULTS_MAX, &r->out->plan.fault_count, read_fault);
        } else if (strcmp(value->string, "plan") == 0) {
            good = wrong(r, "plan: a plan has none in it");
        } else {
            good = read_field(r, "", value, r->table, r->out);
        }
    }
    return good;
}

/* --- the file -------------------------------------------------------------------------------- */

static bool read_text(const reader *r, char *text)
{
    FILE *file = fopen(r->path, "r");
    if (file == NULL) {
        return wrong(r, "%s", strerror(errno));
    }
    size_t size = fread(text, 1, LOAD_PLAN_BYTES, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    text[size < LOAD_PLAN_BYTES ? size : LOAD_PLAN_BYTES - 1] = '\0';
    if (failed || size == LOAD_PLAN_BYTES) {
        return wrong(r, failed ? "it cannot be read" : "longer than 64 KB");
    }
    return true;
}

static uint32_t line_at(const char *text, const char *at)
{
    uint32_t line = 1;
    for (; at != NULL && text < at && *text != '\0'; text++) {
        line += *text == '\n';
    }
    return line;
}

bool load_plan_read(const char *path, const cli_option *table, load_options *out, char *why,
                    size_t why_size)
{
    static char text[LOAD_PLAN_BYTES];
    const reader r = {path, table, out, why, why_size};
    const char *end = NULL;
    if (!read_text(&r, text)) {
        return false;
    }
    tree = cJSON_ParseWithOpts(text, &end, true);
    if (tree == NULL) {
        return wrong(&r, "line %u: this is no JSON", line_at(text, end));
    }
    return read_plan(&r, tree);
}

void load_plan_free(void)
{
    cJSON_Delete(tree);
    tree = NULL;
}

void load_plan_complete(load_options *o)
{
    load_plan *plan = &o->plan;
    if (plan->phase_count == 0) {
        plan->phases[plan->phase_count++] = (load_phase){o->profile, o->for_ms};
        return;
    }
    o->for_ms = 0;
    for (uint32_t i = 0; i < plan->phase_count; i++) {
        o->for_ms += plan->phases[i].for_ms;
    }
}
