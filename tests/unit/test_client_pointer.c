/* The pointer of a shared screen from a source to who watches, through the whole library: a source
 * whose pointer the test moves stands where the system's would. */
#include "api_support.h"
#include "room_guest.h"

#include "runtime/media/capture.h"
#include "support/check.h"

#include "chalkrail/output.h"
#include "chalkrail/pointer.h"
#include "chalkrail/publication.h"
#include "chalkrail/source.h"

#include <math.h>
#include <string.h>

/* --- the source: it delivers what the test says, on the test's thread ------------------------- */

static ck_source_sink sink;
static bool started;

static int screen_open(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    static char any;
    (void)log;
    CK_CHECK_EQ(options->cursor, CHALK_CURSOR_LANE);
    *out = (ck_source *)(void *)&any;
    return CHALK_OK;
}

static int screen_size(ck_source *s, int32_t *width, int32_t *height)
{
    (void)s;
    *width = 1280;
    *height = 720;
    return CHALK_OK;
}

static int screen_start(ck_source *s, uint32_t media, const ck_source_sink *to)
{
    (void)s;
    (void)media;
    sink = *to;
    started = true;
    return CHALK_OK;
}

static void screen_stop(ck_source *s)
{
    (void)s;
    started = false;
}

static void screen_close(ck_source **s)
{
    *s = NULL;
}

static const ck_source_backend screen = {
    .name = "test",
    .kind = CHALK_SOURCE_SCREEN,
    .media = 1u << CHALK_MEDIA_VIDEO,
    .open = screen_open,
    .size = screen_size,
    .start = screen_start,
    .stop = screen_stop,
    .close = screen_close,
};
static const ck_source_backend *const sources[] = {&screen, NULL};
static const ck_speaker_backend *const speakers[] = {NULL};
static const ck_device_backend *const devices[] = {NULL};

const ck_platform ck_this_platform = {sources, speakers, devices};

static const uint8_t image[2 * 3 * 4] = {10, 20, 30, 255, 40, 50, 60, 128, 1, 2, 3, 4,
                                         0,  0,  0,  0,   9,  9,  9,  9,   7, 7, 7, 7};

static void point(uint32_t x, uint32_t y, bool shape)
{
    const ck_shape looks = {.picture_width = 1280,
                            .picture_height = 720,
                            .width = 2,
                            .height = 3,
                            .hot_x = 1,
                            .hot_y = 2,
                            .scale = 1,
                            .bgra = image};
    const ck_source_pointer pointer = {
        .visible = true, .x = x, .y = y, .shape = shape ? &looks : NULL};
    CK_CHECK(started);
    sink.pointer(sink.user, &pointer);
}

/* A picture, all black: nothing is seen of a pointer before there is one. */
static void show(void)
{
    static const uint8_t black[1280 * 720 * 4];
    chalk_video_info info;
    chalk_video_frame *frame = NULL;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_BGRA;
    info.width = 1280;
    info.height = 720;
    info.planes[0] = black;
    info.strides[0] = 1280 * 4;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    sink.video(sink.user, frame);
}

static void take_packet(void *user, const chalk_packet *packet)
{
    (void)user;
    (void)packet;
}

/* Shares the screen; its id. */
static chalk_source_id share(guest *g)
{
    chalk_session *s = g->api.session;
    chalk_source_options source;
    chalk_track_options track;
    chalk_output_options output;
    chalk_source_id id = 0;
    chalk_publication_id publication = 0;
    chalk_track_id video = 0;
    chalk_encoding_id encoding = 0;
    chalk_output_id out = 0;
    chalk_source_options_init(&source);
    source.kind = CHALK_SOURCE_SCREEN;
    source.cursor = CHALK_CURSOR_LANE;
    CK_CHECK_EQ(chalk_source_create(s, &source, &id), CHALK_OK);
    CK_CHECK_EQ(chalk_publication_create(s, NULL, &publication), CHALK_OK);
    chalk_track_options_init(&track);
    track.source = id;
    track.media = CHALK_MEDIA_VIDEO;
    CK_CHECK_EQ(chalk_track_create(s, publication, &track, &video), CHALK_OK);
    CK_CHECK_EQ(chalk_encoding_create(s, video, NULL, &encoding), CHALK_OK);
    chalk_output_options_init(&output);
    output.packet = take_packet;
    CK_CHECK_EQ(chalk_output_create(s, publication, &output, &out), CHALK_OK);
    return id;
}

/* --- who watches ----------------------------------------------------------------------------- */

static bool get(guest *g, chalk_person_id who, chalk_pointer *out)
{
    *out = (chalk_pointer){.struct_size = sizeof *out};
    int status = chalk_pointer_get(g->api.session, who, 640, 480, out);
    CK_CHECK(status == CHALK_OK || status == CHALK_ERR_NOT_FOUND);
    return status == CHALK_OK;
}

/* Until it is at that place, in the middle of 640 x 480, or (x < 0) not to be seen. */
static chalk_pointer wait_at(guest *g, chalk_person_id who, double x, double y)
{
    chalk_pointer p;
    bool there = false;
    for (int i = 0; i < ck_test_patience_ms(5000) / 2 && !there; i++) {
        chalk_room_event event;
        while (chalk_room_next_event(g->api.session, &event) == CHALK_OK) {
            CK_CHECK(event.kind != CHALK_ROOM_EVENT_SHOWN);
        }
        bool shown = get(g, who, &p);
        there = x < 0 ? !shown : shown && fabs(p.x - x) < 0.01 && fabs(p.y - y) < 0.01;
        api_sleep_ms(2);
    }
    CK_CHECK(there);
    return p;
}

static void check_image(guest *g, const chalk_pointer *p)
{
    uint8_t bgra[sizeof image];
    chalk_session *s = g->api.session;
    CK_CHECK(p->shape_width == 2 && p->shape_height == 3);
    CK_CHECK_EQ(chalk_pointer_pixels(s, p->who, p->shape, bgra, sizeof bgra), CHALK_OK);
    CK_CHECK(memcmp(bgra, image, sizeof image) == 0);
    CK_CHECK_EQ(chalk_pointer_pixels(s, p->who, p->shape, bgra, sizeof bgra - 1),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_pointer_pixels(s, p->who, p->shape + 1, bgra, sizeof bgra),
                CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_pointer_pixels(s, p->who + 1, p->shape, bgra, sizeof bgra),
                CHALK_ERR_NOT_FOUND);
}

CK_TEST(client_pointer, it_is_seen_where_it_is_until_it_is_not)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada, li, mo;
    guest_join(&ada, edge, "ada.2", NULL);
    guest_join(&li, edge, "li.4", NULL);
    const chalk_person_id me = guest_me(&ada);
    chalk_source_id source = share(&ada);
    point(640, 360, true);
    /* 1280 x 720 in 640 x 480: halved, with bars of 60. */
    chalk_pointer p = wait_at(&li, me, 320, 240);
    CK_CHECK(p.left == 319.5 && p.top == 239 && p.right == 320.5 && p.bottom == 240.5);
    CK_CHECK(p.who == me && strcmp(p.name, "ada") == 0);
    check_image(&li, &p);
    point(1278, 0, false);
    (void)wait_at(&li, 0, 639, 60);
    guest_join(&mo, edge, "mo.5", NULL); /* who comes late */
    (void)wait_at(&mo, me, 639, 60);
    CK_CHECK(!get(&ada, me, &p)); /* one's own is where it is */
    CK_CHECK_EQ(chalk_source_pause(ada.api.session, source, 1), CHALK_OK);
    (void)wait_at(&li, me, -1, 0);
    point(20, 40, false); /* under the card */
    show();
    CK_CHECK_EQ(chalk_source_pause(ada.api.session, source, 0), CHALK_OK);
    (void)wait_at(&li, me, 10, 80);
    CK_CHECK_EQ(chalk_source_remove(ada.api.session, source), CHALK_OK);
    (void)wait_at(&li, me, -1, 0);
    (void)wait_at(&mo, me, -1, 0);
    guest_close(&mo);
    guest_close(&li);
    guest_close(&ada);
    room_edge_close(&edge);
}

CK_TEST(client_pointer, it_goes_with_its_stream_and_its_right)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada, li;
    guest_join(&li, edge, "li.4", NULL);
    guest_join(&ada, edge, "ada.4", NULL); /* a student shares: nobody sees it */
    guest teacher;
    guest_join(&teacher, edge, "eve.2", NULL);
    const chalk_person_id me = guest_me(&ada);
    (void)share(&ada);
    point(640, 360, true);
    api_sleep_ms(300);
    chalk_pointer p;
    (void)wait_at(&li, me, -1, 0);
    CK_CHECK_EQ(
        chalk_class_set_rights(teacher.api.session, me, CHALK_RIGHT_CHAT | CHALK_RIGHT_SHARE, NULL),
        CHALK_OK);
    (void)wait_at(&li, me, 320, 240); /* now it may */
    room_edge_stream(edge, "ada", CK_MEDIA_SCREEN, true);
    room_edge_stream(edge, "ada", CK_MEDIA_SCREEN, false);
    (void)wait_at(&li, me, -1, 0);
    room_edge_cut(edge); /* both come back: it is told anew */
    (void)wait_at(&li, me, 320, 240);
    CK_CHECK(get(&li, 0, &p) && p.who == me);
    guest_close(&teacher);
    guest_close(&ada);
    guest_close(&li);
    room_edge_close(&edge);
}

CK_TEST(client_pointer, what_is_wrong_is_refused)
{
    room_edge *edge = room_edge_open(NULL);
    api alone = api_open();
    guest li;
    chalk_pointer p = {.struct_size = sizeof p}, unset = {0};
    chalk_source_options source;
    chalk_source_id id = 0;
    uint8_t bgra[4];
    CK_CHECK_EQ(chalk_pointer_get(alone.session, 0, 640, 480, &p), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(chalk_pointer_pixels(alone.session, 1, 1, bgra, 4), CHALK_ERR_BAD_STATE);
    api_close(&alone);
    guest_join(&li, edge, "li.4", NULL);
    chalk_session *s = li.api.session;
    const int bad = CHALK_ERR_INVALID_ARGUMENT;
    CK_CHECK_EQ(chalk_pointer_get(NULL, 0, 640, 480, &p), bad);
    CK_CHECK_EQ(chalk_pointer_get(s, 0, 640, 480, NULL), bad);
    CK_CHECK_EQ(chalk_pointer_get(s, 0, 640, 480, &unset), bad);
    CK_CHECK_EQ(chalk_pointer_get(s, 0, 1, 480, &p), bad);
    CK_CHECK_EQ(chalk_pointer_get(s, 0, 640, CHALK_PICTURE_SIDE_MAX + 1, &p), bad);
    CK_CHECK_EQ(chalk_pointer_get(s, 0, 640, 480, &p), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_pointer_pixels(s, 0, 1, bgra, 4), bad);
    CK_CHECK_EQ(chalk_pointer_pixels(s, 1, 1, NULL, 4), bad);
    CK_CHECK_EQ(chalk_pointer_pixels(s, 1, 1, bgra, 4), CHALK_ERR_NOT_FOUND);
    chalk_source_options_init(&source);
    source.kind = CHALK_SOURCE_SCREEN;
    source.cursor = CHALK_CURSOR_BOTH + 1;
    CK_CHECK_EQ(chalk_source_create(s, &source, &id), bad);
    guest_close(&li);
    room_edge_close(&edge);
}
