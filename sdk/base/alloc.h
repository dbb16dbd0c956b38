/*
 * The allocator that every object of base and core is given. Pure code never calls malloc itself:
 * an embedder can count or bound memory, and a test can fail each allocation in turn.
 */
#ifndef CK_BASE_ALLOC_H
#define CK_BASE_ALLOC_H

#include <stddef.h>

typedef struct ck_alloc {
    /* Behaves as realloc(3): ptr NULL allocates, size 0 frees and returns NULL, NULL on failure
     * leaves ptr as it was. Must be callable from any thread. */
    void *(*resize)(void *user, void *ptr, size_t size);
    void *user;
} ck_alloc;

void *ck_new(const ck_alloc *a, size_t size);                 /* zeroed; NULL when exhausted */
void *ck_new_array(const ck_alloc *a, size_t n, size_t size); /* zeroed, overflow-checked */
void *ck_resize_array(const ck_alloc *a, void *ptr, size_t n, size_t size);
void ck_free(const ck_alloc *a, void *ptr); /* NULL is accepted */
char *ck_strdup(const ck_alloc *a, const char *text);

#endif
