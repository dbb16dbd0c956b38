/* Runs every CK_TEST of a program in one process, without Criterion. */
#include "support/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static ck_plain_test *tests;

void ck_plain_register(ck_plain_test *test)
{
    test->next = tests;
    tests = test;
}

void ck_plain_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

int main(void)
{
    size_t count = 0;
    for (ck_plain_test *test = tests; test != NULL; test = test->next) {
        fprintf(stderr, "%s/%s\n", test->suite, test->name);
        test->body();
        count++;
    }
    printf("%zu passed, 0 failed\n", count);
    return count > 0 ? 0 : 1;
}
