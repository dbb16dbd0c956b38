/* Allocators for tests: the plain heap, and one whose nth allocation fails. */
#ifndef CK_TESTS_ALLOC_H
#define CK_TESTS_ALLOC_H

#include "base/alloc.h"

extern const ck_alloc ck_test_heap; /* malloc, for tests of pure code, which have no ck_heap */

typedef struct ck_failing_alloc {
    ck_alloc alloc; /* pass &f.alloc to the code under test */
    size_t calls;   /* allocations and growths asked for so far */
    size_t fail_at; /* the call (1-based) that fails; 0: none */
    size_t live;    /* blocks not freed yet; a test expects 0 at its end */
} ck_failing_alloc;

void ck_failing_alloc_init(ck_failing_alloc *f, size_t fail_at);

/* What its blocks take of glibc's heap: their sizes and 8 bytes, rounded up to 16. */
typedef struct ck_counting_alloc {
    ck_alloc alloc; /* pass &c.alloc to the code under test */
    size_t bytes;
} ck_counting_alloc;

void ck_counting_alloc_init(ck_counting_alloc *c);

#endif
