#include "base/check.h"
#include "base/list.h"
#include "support/check.h"

#define ITEMS 4

typedef struct item {
    int before; /* so that the link does not lie at the beginning */
    ck_list link;
} item;

static void make(item *items)
{
    for (int i = 0; i < ITEMS; i++) {
        items[i].before = i;
        ck_list_init(&items[i].link);
    }
}

/* Whether the list holds these items in this order, both ways; -1 ends them. */
static bool holds(const ck_list *head, const int *order)
{
    const ck_list *at = head;
    for (; *order >= 0; order++) {
        if (at->next->previous != at || at->next == head) {
            return false;
        }
        at = at->next;
        if (CK_LIST_OWNER(at, const item, link)->before != *order || !ck_list_is_linked(at)) {
            return false;
        }
    }
    return at->next == head && head->previous == at;
}

CK_TEST(base_list, keeps_order_and_lets_any_element_go)
{
    static const struct {
        int removed[ITEMS + 1]; /* -1 ends it */
        int left[ITEMS + 1];
    } rows[] = {
        {{-1}, {0, 1, 2, 3, -1}}, {{0, -1}, {1, 2, 3, -1}},    {{3, -1}, {0, 1, 2, -1}},
        {{1, 2, -1}, {0, 3, -1}}, {{1, 1, -1}, {0, 2, 3, -1}}, /* again does no harm */
        {{3, 1, 0, 2, -1}, {-1}},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_list head;
        item items[ITEMS];
        make(items);
        ck_list_init(&head);
        CK_CHECK(ck_list_is_empty(&head));
        for (int n = 0; n < ITEMS; n++) {
            CK_CHECK(!ck_list_is_linked(&items[n].link));
            ck_list_append(&head, &items[n].link);
        }
        for (const int *n = rows[i].removed; *n >= 0; n++) {
            ck_list_remove(&items[*n].link);
            CK_CHECK_ROW(i, !ck_list_is_linked(&items[*n].link));
        }
        CK_CHECK_ROW(i, holds(&head, rows[i].left));
        CK_CHECK_ROW(i, ck_list_is_empty(&head) == (rows[i].left[0] < 0));
    }
}

CK_TEST(base_list, moves_whole_lists)
{
    static const int all[] = {0, 1, 2, 3, -1};
    static const int none[] = {-1};
    for (int filled = 0; filled < 2; filled++) {
        ck_list from;
        ck_list to;
        item items[ITEMS];
        make(items);
        ck_list_init(&from);
        for (int n = 0; filled && n < ITEMS; n++) {
            ck_list_append(&from, &items[n].link);
        }
        ck_list_move(&from, &to);
        CK_CHECK(holds(&to, filled ? all : none));
        CK_CHECK(holds(&from, none));
    }
}
