/*
 * Runs the tests of a program while memory is refused: each body in a child of its own, again and
 * again, with the first allocation refused, then the second, and so on until a run asks for no
 * more. Every allocation is refused in two ways: alone, and with all that follow it.
 *
 * A body may pass or may say that an expectation did not hold, for then it got an error. What it
 * may not: crash, hang, leak, or be reported by a sanitizer. Memory of other libraries is not
 * refused.
 *
 *     test_x --oom [--all] [--seconds S] [--seed N] [--only SUITE/NAME] [--at N[+]]
 *
 * --all refuses every allocation (CHALKRAIL_OOM=all does too, within 300 s); otherwise ever larger
 * steps are taken, by seed, and each test has an equal share of S seconds (2; 0: no end). --at runs
 * one test in this process, for a debugger, and prints where the allocation was refused; N+ refuses
 * the following ones too.
 */
#ifndef CK_TESTS_OOM_H
#define CK_TESTS_OOM_H

#include "support/check.h"

#include <stdbool.h>

typedef enum ck_oom_ending {
    CK_OOM_VANISHED = 0, /* nothing was said: a signal or a sanitizer ended the process */
    CK_OOM_PASSED,
    CK_OOM_NOTICED, /* an expectation did not hold */
    CK_OOM_LEAKED,
} ck_oom_ending;

int ck_oom_main(const ck_test_entry *tests, int argc, char **argv);
/* Ends a child from within a body, after looking for leaks: what frames above hold is none. */
_Noreturn void ck_oom_end(ck_oom_ending ending);
/* Asked by the heap before each allocation and growth; any thread. */
bool ck_oom_refuses(void);

#endif
