/* The pointer of a shared screen: its image as bytes, when it is told, and how it is shown. */
#include "base/time.h"
#include "chalkrail/errors.h"
#include "core/pointer/pointers.h"
#include "core/pointer/qoi.h"
#include "core/pointer/sender.h"
#include "support/alloc.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>

#define ADA  3u
#define MS   1000u
#define SIDE CK_SHAPE_SOURCE_MAX

static uint8_t pixels[SIDE * SIDE * 4], back[SIDE * SIDE * 4];

static uint32_t noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 24;
}

/* kind 0: nothing to be seen; 1: an arrow with soft edges; 2: shades; 3: noise. */
static void paint(int kind, uint32_t side)
{
    uint32_t state = 7;
    for (uint32_t i = 0; i < side * side * 4; i++) {
        uint32_t x = i / 4 % side, y = i / 4 / side;
        uint8_t arrow = i % 4 == 3 ? (x < y ? 255 : x == y ? 100 : 0) : x + 1 < y ? 255 : 0;
        pixels[i] = kind == 0   ? 0
                    : kind == 1 ? arrow
                    : kind == 2 ? (uint8_t)(x * 2 + y * (i % 4))
                                : (uint8_t)noise(&state);
    }
}

static ck_shape shape_of(uint32_t side)
{
    return (ck_shape){.picture_width = 1280,
                      .picture_height = 720,
                      .width = side,
                      .height = side,
                      .hot_x = 2,
                      .hot_y = 3,
                      .scale = 1,
                      .bgra = pixels};
}

/* --- images ---------------------------------------------------------------------------------- */

CK_TEST(pointer, an_image_is_the_same_after_the_way)
{
    for (int kind = 0; kind < 4; kind++) {
        for (uint32_t side = 1; side <= 64; side = side * 2 + 1) {
            ck_buf bytes;
            uint32_t width, height;
            ck_buf_init(&bytes, &ck_test_heap, 1u << 20);
            paint(kind, side);
            ck_qoi_write(pixels, side, side, &bytes);
            CK_CHECK_EQ(ck_buf_status(&bytes), CHALK_OK);
            CK_CHECK_EQ(ck_qoi_size(bytes.data, bytes.size, 64, &width, &height), CHALK_OK);
            CK_CHECK(width == side && height == side);
            memset(back, 0x55, sizeof back);
            CK_CHECK_EQ(ck_qoi_read(bytes.data, bytes.size, back), CHALK_OK);
            CK_CHECK(memcmp(pixels, back, (size_t)side * side * 4) == 0);
            for (size_t cut = 0; cut < bytes.size; cut += 1 + bytes.size / 40) {
                CK_CHECK(ck_qoi_read(bytes.data, cut, back) == CHALK_ERR_BAD_DATA);
            }
            ck_buf_free(&bytes);
        }
    }
}

/* By hand, from the specification. */
CK_TEST(pointer, an_image_by_hand)
{
    /* 3 x 2: red, red, half-transparent green; green again, blue, red. */
    static const uint8_t file[] = {
        'q', 'o', 'i', 'f', 0,    0,    0, 3, 0,   0,   0,    2, 4, 0, 0xfe, 255, 0, 0, 0xc0, 0xff,
        0,   255, 0,   128, 0xc0, 0xff, 0, 0, 255, 255, 0x32, 0, 0, 0, 0,    0,   0, 0, 1};
    static const uint8_t red[] = {0, 0, 255, 255}, green[] = {0, 255, 0, 128},
                         blue[] = {255, 0, 0, 255};
    CK_CHECK_EQ(ck_qoi_read(file, sizeof file, back), CHALK_OK);
    CK_CHECK(memcmp(back, red, 4) == 0 && memcmp(back + 4, red, 4) == 0);
    CK_CHECK(memcmp(back + 8, green, 4) == 0 && memcmp(back + 12, green, 4) == 0);
    CK_CHECK(memcmp(back + 16, blue, 4) == 0 && memcmp(back + 20, red, 4) == 0);
}

static void refuse(ck_bytes file, size_t at, uint8_t byte, int expected)
{
    uint8_t copy[64];
    uint32_t width, height;
    CK_CHECK(file.size <= sizeof copy);
    memcpy(copy, file.data, file.size);
    copy[at] = byte;
    int status = ck_qoi_size(copy, file.size, 64, &width, &height);
    status = status == CHALK_OK ? ck_qoi_read(copy, file.size, back) : status;
    CK_CHECK_EQ(status, expected);
}

CK_TEST(pointer, images_that_are_none)
{
    ck_buf bytes;
    ck_buf_init(&bytes, &ck_test_heap, 64);
    paint(0, 4);
    ck_qoi_write(pixels, 4, 4, &bytes);
    const ck_bytes file = ck_bytes_of(bytes.data, bytes.size);
    CK_CHECK_EQ(ck_buf_status(&bytes), CHALK_OK);
    refuse(file, 0, 'Q', CHALK_ERR_BAD_DATA);
    refuse(file, 4, 0x80, CHALK_ERR_TOO_LARGE);
    refuse(file, 7, 0, CHALK_ERR_TOO_LARGE);
    refuse(file, 7, 65, CHALK_ERR_TOO_LARGE);
    refuse(file, 12, 5, CHALK_ERR_BAD_DATA);
    refuse(file, 7, 3, CHALK_ERR_BAD_DATA);  /* bytes are left */
    refuse(file, 7, 64, CHALK_ERR_BAD_DATA); /* bytes are missing */
    refuse(file, file.size - 1, 0, CHALK_ERR_BAD_DATA);
    ck_buf_free(&bytes);
}

/* --- from end to end ------------------------------------------------------------------------- */

typedef struct stage {
    ck_pointer_sender sender;
    ck_pointers pointers;
    uint64_t now_us;
    uint32_t places, parts; /* told so far */
    bool deaf;              /* nothing arrives */
} stage;

static void begin(stage *s)
{
    *s = (stage){.now_us = 1000 * MS};
    ck_pointer_sender_init(&s->sender, &ck_test_heap);
    ck_pointers_init(&s->pointers, &ck_test_heap);
}

static void end(stage *s)
{
    ck_pointer_sender_free(&s->sender);
    ck_pointers_free(&s->pointers);
}

static void deliver(stage *s)
{
    uint64_t key;
    ck_bytes data;
    while (ck_pointer_sender_poll_output(&s->sender, s->now_us, &key, &data)) {
        bool place = key == CK_SPOT_POINTER;
        s->places += place;
        s->parts += !place;
        CK_CHECK(data.size <= 1024);
        if (!s->deaf) {
            CK_CHECK_EQ(ck_pointers_feed(&s->pointers, ADA, key, data, s->now_us), CHALK_OK);
        }
    }
    CK_CHECK(ck_pointer_sender_next_deadline(&s->sender) > s->now_us);
}

static void pass(stage *s, uint64_t ms)
{
    const uint64_t until_us = s->now_us + ms * MS;
    uint64_t due_us;
    while ((due_us = ck_pointer_sender_next_deadline(&s->sender)) <= until_us) {
        s->now_us = due_us > s->now_us ? due_us : s->now_us;
        deliver(s);
    }
    s->now_us = until_us;
}

static void wear(stage *s, int kind, uint32_t side)
{
    paint(kind, side);
    const ck_shape shape = shape_of(side);
    CK_CHECK_EQ(ck_pointer_sender_shape(&s->sender, &shape), CHALK_OK);
}

static void move(stage *s, uint32_t x, uint32_t y)
{
    ck_pointer_sender_feed(&s->sender, true, x, y);
    pass(s, 0);
}

static ck_pointers_seen see(stage *s)
{
    ck_pointers_seen seen = {0};
    CK_CHECK(ck_pointers_at(&s->pointers, ADA, s->now_us, &seen));
    return seen;
}

static bool sees(stage *s)
{
    ck_pointers_seen seen;
    return ck_pointers_at(&s->pointers, ADA, s->now_us, &seen);
}

CK_TEST(pointer, a_shape_is_told_once_and_places_when_it_moved)
{
    stage s;
    begin(&s);
    wear(&s, 1, 24);
    pass(&s, 100);
    CK_CHECK(s.parts == 0 && s.places == 0 && !sees(&s)); /* it is not seen yet */
    move(&s, 100, 50);
    CK_CHECK(s.parts == 1 && s.places == 1);
    ck_pointers_seen seen = see(&s);
    CK_CHECK(seen.x == 100.0 && seen.y == 50.0 && seen.author == ADA && !seen.moves);
    CK_CHECK(seen.shape->width == 24 && seen.shape->scale == 1 && seen.shape->hot_x == 2);
    CK_CHECK(seen.shape->hot_y == 3 && seen.shape->picture_height == 720);
    CK_CHECK(memcmp(seen.shape->bgra, pixels, 24 * 24 * 4) == 0);
    pass(&s, 4000);
    CK_CHECK(s.parts == 1 && s.places == 2); /* what rests is told once more */
    pass(&s, 5000);
    CK_CHECK(s.parts == 1 && s.places == 3); /* and from time to time */
    end(&s);
}

CK_TEST(pointer, at_most_sixty_places_a_second)
{
    stage s;
    begin(&s);
    wear(&s, 1, 16);
    move(&s, 0, 0);
    s.places = 0;
    for (uint32_t i = 1; i <= 1000; i++) {
        pass(&s, 1);
        move(&s, i, i % 700);
    }
    CK_CHECK(s.places >= 58 && s.places <= 61 && s.parts == 1);
    pass(&s, 40);
    CK_CHECK(see(&s).x == 1000.0 && see(&s).y == 300.0); /* the last one is never lost */
    end(&s);
}

CK_TEST(pointer, hidden_where_it_is_outside)
{
    stage s;
    begin(&s);
    wear(&s, 1, 16);
    move(&s, 1279, 719);
    CK_CHECK(sees(&s));
    pass(&s, 50);
    move(&s, 1280, 719);
    CK_CHECK(!sees(&s));
    pass(&s, 50);
    move(&s, 5, 5);
    CK_CHECK(sees(&s) && see(&s).x == 5.0 && !see(&s).moves); /* it does not fly there */
    pass(&s, 50);
    ck_pointer_sender_feed(&s.sender, false, 5, 5);
    pass(&s, 300);
    CK_CHECK(!sees(&s));
    uint32_t told = s.places;
    pass(&s, 60000);
    CK_CHECK_EQ(s.places, told); /* what is not seen says nothing */
    end(&s);
}

CK_TEST(pointer, shapes_that_were_told_are_known)
{
    stage s;
    begin(&s);
    for (uint32_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < 4; i++) {
            wear(&s, 1, 16 + i);
            move(&s, 10 * round + i, 9);
            CK_CHECK_EQ(see(&s).shape->width, 16 + i);
            pass(&s, 50);
        }
    }
    CK_CHECK_EQ(s.parts, 4);
    for (uint32_t i = 0; i < 20; i++) { /* more than are kept: told again, still shown */
        wear(&s, 1, 16 + i);
        move(&s, i, 99);
        CK_CHECK_EQ(see(&s).shape->width, 16 + i);
        pass(&s, 50);
    }
    end(&s);
}

/* It goes out of the picture and comes back in by an edge at which it looks different. */
CK_TEST(pointer, shapes_outlive_that_it_was_hidden)
{
    stage s;
    begin(&s);
    wear(&s, 1, 16);
    move(&s, 1, 1);
    ck_pointer_sender_feed(&s.sender, false, 0, 0);
    pass(&s, 100);
    CK_CHECK(!sees(&s));
    wear(&s, 1, 17);
    move(&s, 2, 2);
    pass(&s, 100);
    wear(&s, 1, 16);
    move(&s, 3, 3);
    pass(&s, 100);
    CK_CHECK_EQ(s.parts, 2);
    CK_CHECK_EQ(see(&s).shape->width, 16);
    end(&s);
}

CK_TEST(pointer, who_comes_late_gets_shape_and_place)
{
    stage s;
    begin(&s);
    s.deaf = true;
    wear(&s, 1, 24);
    move(&s, 10, 20);
    pass(&s, 6000);
    CK_CHECK(!sees(&s));
    s.deaf = false;
    ck_pointer_sender_guest(&s.sender, 2, s.now_us);
    pass(&s, 1);
    CK_CHECK(see(&s).x == 10.0);
    uint32_t parts = s.parts;
    for (uint32_t i = 0; i < 100; i++) { /* a crowd comes */
        ck_pointer_sender_guest(&s.sender, 10 * i, s.now_us);
        pass(&s, 100);
    }
    CK_CHECK(s.parts > parts + 2 && s.parts <= parts + 6);
    pass(&s, 4000);
    parts = s.parts;
    for (uint32_t i = 0; i < 4; i++) { /* a few: each at once */
        ck_pointer_sender_guest(&s.sender, 3 + i, s.now_us);
        pass(&s, 300);
    }
    CK_CHECK_EQ(s.parts, parts + 4);
    end(&s);
}

CK_TEST(pointer, who_falls_silent_is_not_shown)
{
    stage s;
    begin(&s);
    wear(&s, 1, 16);
    move(&s, 1, 1);
    pass(&s, 60000);
    CK_CHECK(sees(&s)); /* at rest, it is told again and again */
    s.now_us += CK_POINTERS_SILENT_US + 1;
    CK_CHECK(!sees(&s));
    move(&s, 2, 2);
    CK_CHECK(sees(&s));
    ck_pointers_hide(&s.pointers, ADA); /* its stream is interrupted */
    CK_CHECK(!sees(&s));
    pass(&s, CK_POINTER_KEEP_US / MS + 1);
    CK_CHECK(sees(&s)); /* its shape is here still */
    end(&s);
}

CK_TEST(pointer, it_glides_where_places_are_rare)
{
    stage s;
    begin(&s);
    wear(&s, 1, 16);
    move(&s, 100, 100);
    pass(&s, 100);
    move(&s, 200, 100);
    CK_CHECK(see(&s).x == 100.0 && see(&s).moves);
    s.now_us += 50 * MS;
    CK_CHECK(fabs(see(&s).x - 150.0) < 0.5);
    s.now_us += 50 * MS;
    CK_CHECK(see(&s).x == 200.0 && !see(&s).moves);
    end(&s);
}

/* --- large ones, and others ------------------------------------------------------------------ */

CK_TEST(pointer, large_shapes_are_halved_until_they_fit)
{
    static const struct {
        int kind;
        uint32_t side, scale;
    } rows[] = {
        {1, 64, 1}, {0, 128, 1}, {1, 256, 2}, {3, 32, 1}, {3, 64, 2}, {3, 255, 8}, {3, 256, 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        stage s;
        begin(&s);
        wear(&s, rows[i].kind, rows[i].side);
        move(&s, 10, 10);
        const ck_shape *shape = see(&s).shape;
        CK_CHECK_ROW(i, shape->scale == rows[i].scale);
        uint32_t covers = shape->width * shape->scale;
        CK_CHECK_ROW(i, covers >= rows[i].side && covers < rows[i].side + shape->scale);
        end(&s);
    }
}

CK_TEST(pointer, shapes_that_cannot_be)
{
    stage s;
    begin(&s);
    const ck_shape good = shape_of(16);
    ck_shape wrong[6] = {good, good, good, good, good, good};
    wrong[0].width = 0;
    wrong[1].height = CK_SHAPE_SOURCE_MAX + 1;
    wrong[2].hot_x = CK_SHAPE_SOURCE_MAX;
    wrong[3].picture_width = 0;
    wrong[4].bgra = NULL;
    wrong[5].scale = 2;
    for (size_t i = 0; i < 6; i++) {
        CK_CHECK_ROW(i,
                     ck_pointer_sender_shape(&s.sender, &wrong[i]) == CHALK_ERR_INVALID_ARGUMENT);
        move(&s, 0, 0);
        CK_CHECK_ROW(i, !sees(&s));
    }
    end(&s);
}

static int feed_part(ck_pointers *p, uint64_t key, const ck_wire_shape *part)
{
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, 4096);
    ck_wire_encode(&ck_type_shape, part, &b);
    CK_CHECK_EQ(ck_buf_status(&b), CHALK_OK);
    int status = ck_pointers_feed(p, ADA, key, ck_bytes_of(b.data, b.size), 1);
    ck_buf_free(&b);
    return status;
}

CK_TEST(pointer, hostile_parts_are_refused_by_name)
{
    static uint8_t data[CK_SHAPE_PART_BYTES + 1];
    const ck_wire_shape good = {
        .id = 7, .width = 10, .height = 10, .scale = 1, .parts = 1, .data = {data, 30}};
    ck_wire_shape wrong[10];
    for (size_t i = 0; i < 10; i++) {
        wrong[i] = good;
    }
    wrong[0].id = 0;
    wrong[1].scale = 3;
    wrong[2].parts = 0;
    wrong[3].part = 1;
    wrong[4].data.size = 0;
    wrong[5].parts = 2; /* not whole, and not the last */
    wrong[6].data.size = CK_SHAPE_PART_BYTES + 1;
    wrong[7].id = CK_SHAPE_IDS + 1;
    wrong[8].width = 0;
    ck_pointers p;
    ck_pointers_init(&p, &ck_test_heap);
    for (size_t i = 0; i < 10; i++) {
        bool large = i == 6 || i == 7;
        CK_CHECK_ROW(i, feed_part(&p, CK_SPOT_SHAPE, &wrong[i]) ==
                            (large ? CHALK_ERR_TOO_LARGE : CHALK_ERR_BAD_DATA));
    }
    CK_CHECK_EQ(feed_part(&p, CK_SPOT_SHAPE + 1, &good), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(feed_part(&p, CK_SPOT_SHAPE + CK_SPOT_SHAPES, &good), CHALK_ERR_BAD_DATA);
    /* An image with a huge side, under its right name. */
    const uint8_t huge[] = {'q', 'o', 'i', 'f', 0, 0, 1, 0, 0, 0, 1,
                            0,   4,   0,   0,   0, 0, 0, 0, 0, 0, 1};
    ck_wire_shape large = good;
    large.data = ck_bytes_of(huge, sizeof huge);
    large.id = ck_shape_id(&large, large.data);
    CK_CHECK_EQ(feed_part(&p, CK_SPOT_SHAPE, &large), CHALK_ERR_TOO_LARGE);
    ck_pointers_free(&p);
}

/* More people than are kept: the newest are seen. */
CK_TEST(pointer, people_are_bounded)
{
    stage s;
    begin(&s);
    wear(&s, 1, 16);
    ck_pointer_sender_feed(&s.sender, true, 5, 5);
    uint64_t key;
    ck_bytes data;
    while (ck_pointer_sender_poll_output(&s.sender, s.now_us, &key, &data)) {
        for (uint64_t who = 1; who <= 3 * CK_POINTERS_MAX; who++) {
            CK_CHECK_EQ(ck_pointers_feed(&s.pointers, who, key, data, s.now_us + who), CHALK_OK);
        }
    }
    ck_pointers_seen seen;
    CK_CHECK(!ck_pointers_at(&s.pointers, 1, s.now_us + 50, &seen));
    end(&s);
}
