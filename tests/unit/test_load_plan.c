/* What `chalkrail load` reads from others: plans, and tokens of another program. */
#include "load/plan.h"
#include "load/tokens.h"

#include "support/check.h"
#include "support/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- plans ----------------------------------------------------------------------------------- */

static const cli_choice profiles[] = {
    {"lecture", LOAD_LECTURE}, {"chat-flood", LOAD_CHAT_FLOOD}, {0}};

static const cli_option table[] = {
    {.name = "students",
     .kind = CLI_NUMBER,
     .offset = offsetof(load_options, students),
     .min = 1,
     .max = 16000},
    {.name = "room", .kind = CLI_TEXT, .offset = offsetof(load_options, room)},
    {.name = "profile",
     .kind = CLI_CHOICE,
     .offset = offsetof(load_options, profile),
     .choices = profiles},
    {.name = "for",
     .kind = CLI_DURATION,
     .offset = offsetof(load_options, for_ms),
     .min = 100,
     .max = 86400000},
    {.name = "json", .kind = CLI_FLAG, .offset = offsetof(load_options, json)},
    {0},
};

static bool read_text(const char *text, size_t size, load_options *out, char *why, size_t why_size)
{
    char folder[CK_TEST_FOLDER_MAX], path[CK_TEST_FOLDER_MAX + 16];
    ck_test_folder(folder);
    (void)snprintf(path, sizeof path, "%s/plan.json", folder);
    FILE *file = fopen(path, "wb");
    CK_CHECK(file != NULL && fwrite(text, 1, size, file) == size && fclose(file) == 0);
    *out = (load_options){0};
    bool good = load_plan_read(path, table, out, why, why_size);
    CK_CHECK(unlink(path) == 0 && rmdir(folder) == 0);
    return good;
}

CK_TEST(load_plan, says_what_is_to_be)
{
    static const char text[] =
        "{\"students\": 20, \"room\": \"night\", \"phases\": [{\"profile\": \"lecture\", \"for\": "
        "\"2m\"}, {\"profile\": \"chat-flood\", \"for\": 30}], \"faults\": [{\"at\": \"10s\", "
        "\"kind\": \"stall\", \"share\": 10, \"for\": \"2s\"}, {\"at\": \"1m\", \"kind\": \"cut\", "
        "\"share\": \"0.5\"}]}";
    load_options o;
    char why[256] = "";
    CK_CHECK(read_text(text, sizeof text - 1, &o, why, sizeof why));
    load_plan_complete(&o);
    CK_CHECK(o.students == 20 && strcmp(o.room, "night") == 0);
    CK_CHECK(o.plan.phase_count == 2 && o.plan.fault_count == 2 && o.for_ms == 150000);
    CK_CHECK(o.plan.phases[1].profile == LOAD_CHAT_FLOOD && o.plan.phases[1].for_ms == 30000);
    CK_CHECK(o.plan.faults[0].share_ppm == 100000 && o.plan.faults[0].for_ms == 2000);
    CK_CHECK(o.plan.faults[1].kind == LOAD_FAULT_CUT && o.plan.faults[1].share_ppm == 5000);
    load_plan_free();
}

CK_TEST(load_plan, without_phases_there_is_one)
{
    load_options o = {.profile = LOAD_LECTURE, .for_ms = 1000};
    load_plan_complete(&o);
    CK_CHECK(o.plan.phase_count == 1 && o.plan.phases[0].for_ms == 1000);
    CK_CHECK_EQ(o.plan.phases[0].profile, LOAD_LECTURE);
}

CK_TEST(load_plan, what_is_wrong_is_named)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", "line 1: this is no JSON"},
        {"{\n\"students\" 5}", "line 2"},
        {"{} {}", "this is no JSON"},
        {"[]", "the file is no object"},
        {"{\"studens\": 5}", "is students meant"},
        {"{\"students\": 0}", "students: '0' is not"},
        {"{\"students\": 1e99}", "students: "},
        {"{\"students\": [5]}", "students: neither a text nor a number"},
        {"{\"json\": 1}", "json: belongs on the command line"},
        {"{\"plan\": \"other.json\"}", "plan: a plan has none in it"},
        {"{\"phases\": 5}", "phases: not a list"},
        {"{\"phases\": []}", "phases: not a list with something in it"},
        {"{\"phases\": [5]}", "phases[0]. is no object"},
        {"{\"phases\": [{\"profile\": \"lecture\"}]}", "phases[0].for"},
        {"{\"phases\": [{\"profile\": \"lectern\", \"for\": 1}]}", "phases[0].profile"},
        {"{\"phases\": [{\"at\": 1}]}", "phases[0].at: there is no such field"},
        {"{\"faults\": [{\"kind\": \"cut\"}]}", "faults[0].share are needed"},
        {"{\"faults\": [{\"kind\": \"stall\", \"share\": 1}]}", "faults[0].for"},
        {"{\"faults\": [{\"kind\": \"cut\", \"share\": 101}]}", "faults[0].share"},
        {"{\"faults\": [{\"at\": 2, \"kind\": \"cut\", \"share\": 1}, {\"at\": 1, \"kind\": "
         "\"cut\", \"share\": 1}]}",
         "faults[1].at: earlier"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        load_options o;
        char why[256] = "";
        bool good = read_text(rows[i].text, strlen(rows[i].text), &o, why, sizeof why);
        CK_CHECK_ROW((int)i, !good && strstr(why, rows[i].words) != NULL);
        load_plan_free();
    }
}

static bool read_repeated(const char *list, const char *item, int times, char *why, size_t size)
{
    static char text[2 * LOAD_PLAN_BYTES];
    load_options o;
    int used = snprintf(text, sizeof text, "{\"%s\": [%s", list, item);
    for (int i = 1; i < times; i++) {
        used += snprintf(text + used, sizeof text - (size_t)used, ",%s", item);
    }
    used += snprintf(text + used, sizeof text - (size_t)used, "]}");
    bool good = read_text(text, (size_t)used, &o, why, size);
    load_plan_free();
    return good;
}

CK_TEST(load_plan, is_bounded)
{
    static const char cut[] = "{\"kind\": \"cut\", \"share\": 1}";
    static const char phase[] = "{\"profile\": \"lecture\", \"for\": 1}";
    char why[256] = "";
    CK_CHECK(read_repeated("faults", cut, LOAD_FAULTS_MAX, why, sizeof why));
    CK_CHECK(!read_repeated("faults", cut, LOAD_FAULTS_MAX + 1, why, sizeof why));
    CK_CHECK(strstr(why, "faults: more than 64") != NULL);
    CK_CHECK(!read_repeated("phases", phase, LOAD_PHASES_MAX + 1, why, sizeof why));
    CK_CHECK(strstr(why, "phases: more than 32") != NULL);
    CK_CHECK(!read_repeated("phases", phase, LOAD_PLAN_BYTES / 32, why, sizeof why));
    CK_CHECK(strstr(why, "longer than 64 KB") != NULL);
    load_options o;
    CK_CHECK(!load_plan_read("/nowhere/plan.json", table, &o, why, sizeof why));
    CK_CHECK(strstr(why, "/nowhere/plan.json: No such file") != NULL);
}

/* --- tokens ---------------------------------------------------------------------------------- */

#define PEOPLE 3

static int get(const char *command, load_student people[PEOPLE])
{
    static const load_options options = {.room = "class", .teachers = 1};
    static load_hall hall = {.options = &options};
    cli_report report;
    cli_report_init(&report, "load", false, false);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        people[i] = (load_student){.hall = &hall, .number = i, .staff = i == 0};
    }
    int status = load_tokens_get(&report, command, people, PEOPLE);
    cli_report_end(&report);
    return status;
}

static void forget(load_student people[PEOPLE])
{
    for (uint32_t i = 0; i < PEOPLE; i++) {
        free(people[i].token);
    }
}

CK_TEST(load_tokens, each_participant_has_the_answer_to_its_line)
{
    static load_student people[PEOPLE];
    static const char *const tokens[PEOPLE] = {"class0/teacher0/teacher", "class0/student1/student",
                                               "class0/student2/student"};
    CK_CHECK_EQ(get("while read room name role; do echo $room/$name/$role; done", people),
                CHALK_OK);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        CK_CHECK_STR(people[i].token, tokens[i]);
    }
    forget(people);
}

CK_TEST(load_tokens, a_program_that_gives_none_is_found)
{
    static const char *const commands[] = {
        "true",
        "exec cat /nowhere",
        "while read line; do echo; done",
        "read line; echo token; exit 0", /* for the first one alone */
        "head -c 100000 /dev/zero | tr '\\0' x; cat",
    };
    static load_student people[PEOPLE];
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        CK_CHECK_ROW((int)i, get(commands[i], people) == CHALK_ERR_IO);
        forget(people);
    }
}
