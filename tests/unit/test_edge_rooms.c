/* Rooms of an edge, over real sockets: what it does when it is stopped, full, or out of memory. */
#include "base/check.h"
#include "chalkrail/edge.h"
#include "core/room/schema.h"
#include "runtime/net/ws_client.h"
#include "runtime/os/os.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef struct visitor {
    ck_loop *loop;
    ck_ws *ws;
    int status; /* of the end; 1: it has not come */
    uint16_t code;
    uint32_t heard[32]; /* frames, by kind */
} visitor;

static void on_opened(void *user, ck_ws *ws)
{
    const ck_wire_hello hello = {.version = CK_ROOM_VERSION};
    ck_buf frame;
    (void)user;
    ck_buf_init(&frame, &ck_heap, 64);
    ck_frame_put(&frame, CK_FRAME_HELLO, &ck_type_hello, &hello);
    ck_slice bytes = ck_slice_copy(&ck_heap, frame.data, frame.size);
    ck_buf_free(&frame);
    if (bytes.data == NULL || ck_ws_send(ws, &bytes, false) < 0) {
        ck_slice_unref(&bytes);
    }
}

static void on_message(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    visitor *v = user;
    (void)ws;
    if (size > 0 && data[0] < CK_COUNT_OF(v->heard) && !text) {
        v->heard[data[0]]++;
    }
}

static void on_closed(void *user, ck_ws *ws, int status, uint16_t code)
{
    visitor *v = user;
    (void)ws;
    v->ws = NULL;
    v->status = status;
    v->code = code;
}

static void visit(visitor *v, ck_loop *loop, const chalk_edge *edge, const char *target)
{
    *v = (visitor){.loop = loop, .status = 1};
    const ck_ws_client_config config = {
        .loop = loop,
        .protocol = "chalkrail.room.1",
        .events = {.opened = on_opened, .message = on_message, .closed = on_closed},
        .user = v,
    };
    int status =
        ck_ws_connect(&config, "127.0.0.1", (uint16_t)chalk_edge_http_port(edge), target, &v->ws);
    CK_CHECK(status == CHALK_OK || status == CHALK_ERR_NO_MEMORY);
    v->status = status < 0 ? status : 1;
}

static bool has_heard(const visitor *v, uint8_t frame)
{
    return v->heard[frame] > 0;
}

/* Until it has heard such a frame, or the connection has ended. */
static void wait_for(visitor *v, uint8_t frame)
{
    for (int ms = ck_test_patience_ms(10000); ms > 0 && v->status == 1 && !has_heard(v, frame);
         ms--) {
        CK_CHECK_EQ(ck_loop_poll(v->loop), CHALK_OK);
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void wait_for_end(visitor *v)
{
    wait_for(v, 0);
    CK_CHECK(v->status != 1);
}

static void leave(visitor *v)
{
    ck_ws_destroy(&v->ws);
    for (int i = 0; i < 20; i++) { /* the edge is to hear of it */
        CK_CHECK_EQ(ck_loop_poll(v->loop), CHALK_OK);
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static ck_loop *make_loop(void)
{
    ck_loop *loop = NULL;
    CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){.host_driven = true}, &loop), CHALK_OK);
    return loop;
}

static chalk_edge *make_edge(uint32_t rooms_max, const char *data)
{
    chalk_edge *edge = NULL;
    chalk_edge_options options;
    chalk_edge_options_init(&options);
    options.open = 1;
    options.rtmp = options.http = "127.0.0.1:0";
    options.rooms_max = rooms_max;
    options.data = data;
    CK_CHECK_EQ(chalk_edge_create(&options, &edge), CHALK_OK);
    return edge;
}

static uint32_t people(chalk_edge *edge)
{
    chalk_edge_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_edge_get_stats(edge, &stats), CHALK_OK);
    return stats.people;
}

CK_TEST(edge_rooms, an_edge_that_stops_says_so)
{
    ck_loop *loop = make_loop();
    chalk_edge *edge = make_edge(0, NULL);
    visitor ada, silent;
    visit(&ada, loop, edge, "/rooms/maths?name=ada");
    wait_for(&ada, CK_FRAME_WELCOME);
    CK_CHECK(has_heard(&ada, CK_FRAME_WELCOME));
    CK_CHECK_EQ(people(edge), 1);
    visit(&silent, loop, edge, "/rooms/art?name=li");
    chalk_edge_destroy(&edge);
    wait_for_end(&ada);
    wait_for_end(&silent);
    CK_CHECK(has_heard(&ada, CK_FRAME_BYE));
    CK_CHECK(ada.code == 4009 || ada.code == 0);
    ck_loop_destroy(&loop);
}

CK_TEST(edge_rooms, no_more_rooms_than_fit)
{
    ck_loop *loop = make_loop();
    chalk_edge *edge = make_edge(2, NULL);
    visitor one, two, three;
    visit(&one, loop, edge, "/rooms/one?name=a");
    wait_for(&one, CK_FRAME_WELCOME);
    visit(&two, loop, edge, "/rooms/two?name=a");
    wait_for(&two, CK_FRAME_WELCOME);
    CK_CHECK(has_heard(&one, CK_FRAME_WELCOME) && has_heard(&two, CK_FRAME_WELCOME));
    visit(&three, loop, edge, "/rooms/three?name=a");
    wait_for_end(&three);
    CK_CHECK_EQ(three.code, 503);
    leave(&one); /* its room makes place, and is still there afterwards */
    visit(&three, loop, edge, "/rooms/three?name=a");
    wait_for(&three, CK_FRAME_WELCOME);
    CK_CHECK(has_heard(&three, CK_FRAME_WELCOME));
    chalk_edge_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_edge_get_stats(edge, &stats), CHALK_OK);
    CK_CHECK_EQ(stats.rooms, 2);
    leave(&two);
    leave(&three);
    chalk_edge_destroy(&edge);
    ck_loop_destroy(&loop);
}

/* Also a body for the runs in which memory is refused: nothing may hang, leak or crash. */
CK_TEST(edge_rooms, come_and_go)
{
    static const char *const targets[] = {"/rooms/a?name=x&role=teacher", "/rooms/a?name=y",
                                          "/rooms/a?name=y", "/rooms/b?name=x"};
    visitor visitors[CK_COUNT_OF(targets)];
    ck_loop *loop = make_loop();
    chalk_edge *edge = make_edge(0, NULL);
    for (size_t i = 0; i < CK_COUNT_OF(targets); i++) {
        visit(&visitors[i], loop, edge, targets[i]);
        wait_for(&visitors[i], CK_FRAME_WELCOME);
        CK_CHECK_ROW(i, has_heard(&visitors[i], CK_FRAME_WELCOME));
    }
    wait_for_end(&visitors[1]);
    CK_CHECK_EQ(visitors[1].code, 4016);
    CK_CHECK_EQ(people(edge), 3);
    for (size_t i = 0; i < CK_COUNT_OF(targets); i++) {
        leave(&visitors[i]);
    }
    chalk_edge_destroy(&edge);
    ck_loop_destroy(&loop);
}
