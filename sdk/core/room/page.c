#include "core/room/page.h"

static void advance(ck_page_reader *r, int lane)
{
    r->has[lane] = ck_event_read(&r->readers[lane], &r->next[lane]);
    r->next[lane].lane = (uint64_t)lane;
}

void ck_page_read_begin(ck_page_reader *r, const ck_wire_page *page)
{
    *r = (ck_page_reader){
        .readers = {
            [CK_LANE_ORDERED] = {.list = page->events}, [CK_LANE_CROWD] = {.list = page->crowded}}};
    advance(r, CK_LANE_ORDERED);
    advance(r, CK_LANE_CROWD);
}

int ck_page_read(ck_page_reader *r, ck_event *event)
{
    for (int lane = 0; lane < 2; lane++) {
        if (r->has[lane] < 0) {
            return r->has[lane];
        }
    }
    if (r->has[0] == 0 && r->has[1] == 0) {
        return 0;
    }
    int lane = r->has[0] == 0 || (r->has[1] != 0 && r->next[1].order_us < r->next[0].order_us);
    *event = r->next[lane];
    advance(r, lane);
    return 1;
}
