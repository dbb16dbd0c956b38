/* GET /rooms/ROOM: what a room is like now, for its staff. */
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/answer.h"
#include "edge/page.h"
#include "edge/rooms_inside.h"

static const char *class_name(uint64_t state)
{
    static const char *const names[] = {"open", "live", "ended", "archived"};
    return state < sizeof names / sizeof *names ? names[state] : "";
}

static void put_number(ck_buf *page, const char *key, uint64_t value)
{
    ck_page_put(page, key);
    ck_page_put_u64(page, value);
}

static void put_state(ck_buf *page, const ck_room_host *host)
{
    const ck_room *room = ck_sequencer_room(host->sequencer);
    const ck_sequencer_stats stats = ck_sequencer_get_stats(host->sequencer);
    ck_page_put(page, ",\"class\":");
    ck_page_put_json(page, class_name(room->class_state));
    put_number(page, ",\"head\":", stats.head);
    put_number(page, ",\"crowd\":", room->crowd);
    put_number(page, ",\"connections\":", stats.connections);
    put_number(page, ",\"present\":", stats.present);
    put_number(page, ",\"enrolled\":", room->person_count);
    put_number(page, ",\"hands\":", room->hand_count);
    put_number(page, ",\"streams\":", room->stream_count);
    put_number(page, ",\"messages\":", room->chat_count);
    put_number(page, ",\"room_us\":",
               ck_sequencer_room_us(host->sequencer, ck_edge_now(host->rooms->edge)));
}

static bool is_staff(const ck_edge *edge, const ck_access_result *access)
{
    return edge->access.open || ck_role_is_staff((uint64_t)access->claims.role);
}

void ck_room_page(ck_edge *edge, const char *room, const ck_httpd_request *request,
                  ck_httpd_reply *reply)
{
    char token[CHALK_TOKEN_MAX];
    ck_access_result access;
    ck_buf page;
    ck_find_token(request, token);
    int status = ck_access_play(&edge->access, token, room, ck_wall_s(), &access);
    if (status == CHALK_OK && !is_staff(edge, &access)) {
        access.why = "this role may not see the figures of the room";
        status = CHALK_ERR_DENIED;
    }
    if (status < 0) {
        ck_reply_refusal(edge, reply, &access);
        return;
    }
    const ck_room_host *host = ck_rooms_find(edge->rooms, room);
    bool loaded = host != NULL && ck_host_is_open(host);
    ck_buf_init(&page, &edge->budget.alloc, CK_PAGE_MAX);
    ck_page_put(&page, "{\"room\":");
    ck_page_put_json(&page, room);
    ck_page_put(&page, loaded ? ",\"loaded\":true" : ",\"loaded\":false");
    if (loaded) {
        put_state(&page, host);
    }
    ck_page_put(&page, "}\n");
    ck_reply_page(reply, CK_JSON_TYPE, &page);
}
