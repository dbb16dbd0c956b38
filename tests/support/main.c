/* A test program: Criterion runs its tests, or with --oom as its first argument, oom.c. */
#include "support/check.h"
#include "support/oom.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define OOM_PATIENCE_MS 1500

static ck_test_entry *tests;
static bool in_oom;

void ck_test_register(ck_test_entry *test)
{
    test->next = tests;
    tests = test;
}

void ck_test_fail(const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (in_oom) {
        fprintf(stderr, "%s\n", text);
        ck_oom_end(CK_OOM_NOTICED);
    }
    cr_assert_fail("%s", text);
    abort(); /* not reached: Criterion leaves the test */
}

int ck_test_patience_ms(int usual)
{
    return in_oom && usual > OOM_PATIENCE_MS ? OOM_PATIENCE_MS : usual;
}

/* Visible, because Criterion's children find it by its name. */
__attribute__((visibility("default"))) int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--oom") == 0) {
        in_oom = true;
        return ck_oom_main(tests, argc - 1, argv + 1);
    }
    struct criterion_test_set *set = criterion_initialize();
    int status = 0;
    if (criterion_handle_args(argc, argv, true) != 0) {
        status = criterion_run_all_tests(set) != 0 ? 0 : 1;
    }
    criterion_finalize(set);
    return status;
}
