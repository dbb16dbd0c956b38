/*
 * A circular, intrusive list: the head is a node too. A node that is in no list points to itself,
 * so taking it out twice does no harm. Private to runtime/net.
 */
#ifndef CK_RUNTIME_NET_LIST_H
#define CK_RUNTIME_NET_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ck_list {
    struct ck_list *previous;
    struct ck_list *next;
} ck_list;

/* The object of type `type` whose member `member` is *node. */
#define CK_LIST_OWNER(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

static inline void ck_list_init(ck_list *node)
{
    node->previous = node;
    node->next = node;
}

static inline bool ck_list_is_empty(const ck_list *node)
{
    return node->next == node;
}

static inline void ck_list_remove(ck_list *node)
{
    node->previous->next = node->next;
    node->next->previous = node->previous;
    ck_list_init(node);
}

static inline void ck_list_append(ck_list *head, ck_list *node)
{
    node->previous = head->previous;
    node->next = head;
    head->previous->next = node;
    head->previous = node;
}

/* Moves everything from one head to another, empty one. */
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
