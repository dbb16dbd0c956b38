/*
 * A circular list, linked both ways through its elements: adding and removing never allocate and
 * never fail. A head and an element's link are the same type. A link is in at most one list at a
 * time; one that is in none points to itself, so taking it out again does no harm.
 *
 *     typedef struct player { ck_list in_players; ... } player;
 *
 *     ck_list_append(&stream->players, &p->in_players);
 *     for (ck_list *at = stream->players.next; at != &stream->players; at = at->next) {
 *         player *p = CK_LIST_OWNER(at, player, in_players);
 *     }
 *
 * An element may be taken out during such a walk if its `next` was read before. The elements'
 * memory is the caller's. One thread at a time.
 */
#ifndef CK_BASE_LIST_H
#define CK_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ck_list {
    struct ck_list *previous;
    struct ck_list *next;
} ck_list;

/* The object of type `type` whose member `member` is *link. */
#define CK_LIST_OWNER(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* Makes an empty list, or a link that is in none. */
static inline void ck_list_init(ck_list *link)
{
    link->previous = link;
    link->next = link;
}

/* Of a head. */
static inline bool ck_list_is_empty(const ck_list *head)
{
    return head->next == head;
}

/* Of an element's link: whether it is in a list. */
static inline bool ck_list_is_linked(const ck_list *link)
{
    return link->next != link;
}

static inline void ck_list_remove(ck_list *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    ck_list_init(link);
}

/* Adds at the end; the link must be in no list. */
static inline void ck_list_append(ck_list *head, ck_list *link)
{
    link->previous = head->previous;
    link->next = head;
    head->previous->next = link;
    head->previous = link;
}

/* Moves everything from one head to another, which must be empty or new. */
static inline void ck_list_move(ck_list *from, ck_list *to)
{
    ck_list_init(to);
    if (!ck_list_is_empty(from)) {
        to->next = from->next;
        to->previous = from->previous;
        to->next->previous = to;
        to->previous->next = to;
        ck_list_init(from);
    }
}

#endif
