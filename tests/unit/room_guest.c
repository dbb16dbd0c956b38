#include "room_guest.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 10000

chalk_room_options guest_options(const char *url, const char *token)
{
    chalk_room_options options;
    chalk_room_options_init(&options);
    options.url = url;
    options.room = "maths";
    options.token = token;
    return options;
}

void guest_join(guest *g, room_edge *edge, const char *token,
                void (*change)(chalk_room_options *options))
{
    char url[ROOM_EDGE_URL];
    memset(g, 0, sizeof *g);
    room_edge_url(edge, url);
    g->api = api_open();
    chalk_room_options options = guest_options(url, token);
    if (change != NULL) {
        change(&options);
    }
    CK_CHECK_EQ(chalk_room_join(g->api.session, &options), CHALK_OK);
    (void)guest_state(g, CHALK_LINK_LIVE);
    (void)guest_wait(g, CHALK_ROOM_EVENT_RESET, 0); /* the state as a whole has come */
}

void guest_close(guest *g)
{
    api_close(&g->api);
}

static int take(guest *g)
{
    int status = chalk_room_next_event(g->api.session, &g->event);
    if (status == CHALK_OK) {
        g->events++;
        snprintf(g->text, sizeof g->text, "%s", g->event.text);
        CK_CHECK_EQ(strlen(g->event.text), g->event.text_size);
        g->event.text = g->text;
    }
    return status;
}

const chalk_room_event *guest_wait(guest *g, uint32_t kind, uint32_t what)
{
    uint64_t until =
        chalk_runtime_now_us(g->api.runtime) + (uint64_t)ck_test_patience_ms(PATIENCE_MS) * 1000;
    while (chalk_runtime_now_us(g->api.runtime) < until) {
        int status = take(g);
        if (status == CHALK_OK && g->event.kind == kind && (what == 0 || g->event.what == what)) {
            return &g->event;
        }
        if (status < 0) {
            CK_CHECK_EQ(status, CHALK_ERR_AGAIN);
            api_sleep_ms(2);
        }
    }
    CK_FAIL("no %s %s in time", chalk_room_event_kind_name(kind), chalk_room_what_name(what));
    return NULL;
}

uint32_t guest_settled(guest *g, chalk_intent_id id)
{
    while (guest_wait(g, CHALK_ROOM_EVENT_SETTLED, 0)->intent != id) {
    }
    return g->event.reason;
}

void guest_hears_nothing(guest *g, uint32_t kind, int ms)
{
    uint64_t until = chalk_runtime_now_us(g->api.runtime) + (uint64_t)ms * 1000;
    while (chalk_runtime_now_us(g->api.runtime) < until) {
        if (take(g) == CHALK_OK) {
            CK_CHECK(g->event.kind != kind);
        } else {
            api_sleep_ms(2);
        }
    }
}

chalk_event guest_state(guest *g, uint32_t state)
{
    return api_wait(&g->api, CHALK_EVENT_ROOM, state);
}

chalk_room_info guest_info(guest *g)
{
    chalk_room_info info = {.struct_size = sizeof info};
    CK_CHECK_EQ(chalk_room_get_info(g->api.session, CHALK_VIEW_HEAD, &info), CHALK_OK);
    return info;
}

chalk_person_id guest_me(guest *g)
{
    return guest_info(g).me;
}
