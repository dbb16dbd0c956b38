/*
 * An intrusive, doubly linked, circular list. The link lies inside the element, so adding and
 * removing never allocate and never fail. A link is in at most one list at a time; one that is in
 * none points at itself, so removing it again does nothing.
 */
#ifndef CK_EDGE_LIST_H
#define CK_EDGE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ck_link {
    struct ck_link *prev;
    struct ck_link *next;
} ck_link;

/* The element of type `type` whose member `member` is *link. */
#define CK_LIST_ENTRY(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* A list's head and an element's link alike. */
static inline void ck_link_init(ck_link *link)
{
    link->prev = link;
    link->next = link;
}

static inline bool ck_link_is_in(const ck_link *link)
{
    return link->next != link;
}

static inline void ck_list_remove(ck_link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    ck_link_init(link);
}

/* Appends; the link must be in no list. */
static inline void ck_list_push(ck_link *list, ck_link *link)
{
    link->prev = list->prev;
    link->next = list;
    list->prev->next = link;
    list->prev = link;
}

#endif
