/* Runs every CK_TEST of a program in one process, without Criterion. */
#include "support/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static ck_test_entry *tests;

void ck_test_register(ck_test_entry *test)
{
    test->next = tests;
    tests = test;
}

void ck_test_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

int ck_test_patience_ms(int usual)
{
    return usual;
}

int main(void)
{
    size_t count = 0;
    for (ck_test_entry *test = tests; test != NULL; test = test->next) {
        fprintf(stderr, "%s/%s\n", test->suite, test->name);
        test->body();
        count++;
    }
    printf("%zu passed, 0 failed\n", count);
    return count > 0 ? 0 : 1;
}
