/* Rooms under several threads at once: those that call, the loop's, and what comes meanwhile. */
#include "room_guest.h"

#include "support/check.h"

#include <pthread.h>
#include <stdatomic.h>

#define ROUNDS 60

typedef struct crowd {
    room_edge *edge;
    guest *guest;
    atomic_bool over;
    atomic_uint taken;
} crowd;

static void *say(void *arg)
{
    crowd *c = arg;
    for (int i = 0; i < ROUNDS; i++) {
        int status = chalk_chat_send(c->guest->api.session, 0, 0, "hello", NULL);
        CK_CHECK(status == CHALK_OK || status == CHALK_ERR_LIMIT);
        (void)chalk_room_show(c->guest->api.session, 1, "here", 4);
        (void)chalk_room_report(c->guest->api.session, (uint64_t)i, 0);
        api_sleep_ms(2);
    }
    return NULL;
}

static void *look(void *arg)
{
    crowd *c = arg;
    chalk_session *s = c->guest->api.session;
    chalk_room_info info = {.struct_size = sizeof info};
    chalk_room_person person = {.struct_size = sizeof person};
    chalk_room_message message = {.struct_size = sizeof message};
    chalk_room_stats stats = {.struct_size = sizeof stats};
    chalk_event event;
    while (!atomic_load(&c->over)) {
        CK_CHECK_EQ(chalk_room_get_info(s, CHALK_VIEW_HEAD, &info), CHALK_OK);
        CK_CHECK_EQ(chalk_room_get_stats(s, &stats), CHALK_OK);
        (void)chalk_class_next_person(s, CHALK_VIEW_PRESENTED, 0, &person);
        (void)chalk_chat_get(s, CHALK_VIEW_PRESENTED, 0, &message);
        (void)chalk_session_wait_event(s, &event, 1);
    }
    return NULL;
}

static void *take(void *arg)
{
    crowd *c = arg;
    chalk_room_event event;
    while (!atomic_load(&c->over)) {
        if (chalk_room_next_event(c->guest->api.session, &event) == CHALK_OK) {
            atomic_fetch_add(&c->taken, 1 + (unsigned)(event.text[0] & 0));
        } else {
            api_sleep_ms(1);
        }
    }
    return NULL;
}

static void *trouble(void *arg)
{
    crowd *c = arg;
    for (int i = 0; i < 4; i++) {
        api_sleep_ms(30);
        room_edge_cut(c->edge);
        (void)chalk_runtime_network_changed(c->guest->api.runtime, 1);
    }
    return NULL;
}

CK_TEST(room_threads, calls_from_everywhere)
{
    void *(*const bodies[])(void *) = {say, say, trouble, look, take};
    pthread_t threads[5];
    room_edge *edge = room_edge_open(NULL);
    guest ada;
    guest_join(&ada, edge, "ada.2", NULL);
    crowd c = {.edge = edge, .guest = &ada};
    for (size_t i = 0; i < 5; i++) {
        CK_CHECK_EQ(pthread_create(&threads[i], NULL, bodies[i], &c), 0);
    }
    for (size_t i = 0; i < 3; i++) {
        CK_CHECK_EQ(pthread_join(threads[i], NULL), 0);
    }
    atomic_store(&c.over, true);
    for (size_t i = 3; i < 5; i++) {
        CK_CHECK_EQ(pthread_join(threads[i], NULL), 0);
    }
    CK_CHECK(atomic_load(&c.taken) > 0);
    guest_close(&ada);
    room_edge_close(&edge);
}

CK_TEST(room_threads, rooms_come_and_go)
{
    char url[ROOM_EDGE_URL];
    room_edge *edge = room_edge_open(NULL);
    room_edge_url(edge, url);
    guest g = {.api = api_open()};
    for (int i = 0; i < 8; i++) {
        chalk_room_options options = guest_options(url, "li.4");
        CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_OK);
        api_sleep_ms(i * 3);
        CK_CHECK_EQ(chalk_room_leave(g.api.session, NULL), CHALK_OK);
        (void)guest_state(&g, CHALK_LINK_CLOSED);
    }
    guest_close(&g);
    room_edge_close(&edge);
}
