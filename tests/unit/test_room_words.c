/* A summary in words; pages of history. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/room/page.h"
#include "core/room/summary.h"
#include "support/alloc.h"
#include "support/check.h"

#include <string.h>

static ck_room with_people(void)
{
    static const char *const names[] = {"Ada", "Li Wei", "王芳"};
    ck_room room;
    ck_room_init(&room, &ck_test_heap, 0);
    for (uint64_t i = 0; i < CK_COUNT_OF(names); i++) {
        const ck_event event = {.kind = CK_EVENT_ENROLL,
                                .number = i + 1,
                                .target = i + 1,
                                .value = CK_ROLE_STUDENT,
                                .text = ck_bytes_of(names[i], strlen(names[i]))};
        CK_CHECK_EQ(ck_room_apply(&room, &event), CHALK_OK);
    }
    return room;
}

CK_TEST(summary, in_words)
{
    static const struct {
        ck_wire_summary sum;
        const char *text;
    } rows[] = {
        {{.people = 30}, "no reports"},
        {{.people = 30,
          .reported = 30,
          .page = 14,
          .see_page = 28,
          .oldest_ms = 1100,
          .hear = 27,
          .deaf = {(const uint8_t *)"\2\3\7", 3},
          .deaf_why = {(const uint8_t *)"\2\3\4", 3}},
         "28 of 30 see slide 14, the oldest 1.1 s behind; 27 hear you; Li Wei: speaker muted; "
         "王芳: no sound device; participant 7: plays no stream"},
        {{.people = 10000, .reported = 300, .page = 2, .see_page = 299, .hear = 300},
         "299 of 300 see slide 2 (10000 are here); 300 hear you"},
        {{.people = 2, .reported = 2, .hear = 2}, "2 of 2 answer; 2 hear you"},
        /* What does not fit together is said as far as it goes. */
        {{.people = 2,
          .reported = 2,
          .hear = 1,
          .deaf = {(const uint8_t *)"\2\x80", 2},
          .deaf_why = {0}},
         "2 of 2 answer; 1 hear you; Li Wei: sound unknown"},
    };
    ck_room room = with_people();
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        char buffer[256];
        ck_text text = ck_text_of(buffer, sizeof buffer);
        ck_summary_text(&rows[row].sum, &room, &text);
        CK_CHECK_STR(buffer, rows[row].text);
    }
    CK_CHECK_STR(ck_sound_name(99), "?");
    ck_room_free(&room);
}

static void put(ck_event_writer *w, uint64_t number, uint64_t order_us)
{
    const ck_event event = {
        .kind = CK_EVENT_CHAT, .number = number, .order_us = order_us, .origin_us = order_us};
    ck_event_write(w, &event);
}

CK_TEST(page, both_lanes_are_one_list)
{
    ck_buf ordered, crowded;
    ck_buf_init(&ordered, &ck_test_heap, 1000);
    ck_buf_init(&crowded, &ck_test_heap, 1000);
    ck_event_writer a = {.out = &ordered, .field = CK_LIST_PAGE_EVENTS};
    ck_event_writer b = {.out = &crowded, .field = CK_LIST_PAGE_CROWDED};
    put(&a, 7, 100);
    put(&b, 900, 150);
    put(&b, 905, 200);
    put(&a, 8, 200);
    put(&a, 12, 300);
    const ck_wire_page written = {.events = ck_wire_list_of(&ordered),
                                  .crowded = ck_wire_list_of(&crowded)};
    ck_buf bytes;
    ck_buf_init(&bytes, &ck_test_heap, 1000);
    ck_wire_encode(&ck_type_page, &written, &bytes);
    ck_wire_page page;
    CK_CHECK_EQ(ck_wire_decode(&ck_type_page, ck_bytes_of(bytes.data, bytes.size), &page),
                CHALK_OK);
    static const uint64_t numbers[] = {7, 900, 8, 905, 12};
    ck_page_reader reader;
    ck_event event;
    ck_page_read_begin(&reader, &page);
    for (size_t i = 0; i < CK_COUNT_OF(numbers); i++) {
        CK_CHECK_EQ(ck_page_read(&reader, &event), 1);
        CK_CHECK_ROW(i, event.number == numbers[i]);
        CK_CHECK_ROW(i, event.lane == (numbers[i] >= 900 ? CK_LANE_CROWD : CK_LANE_ORDERED));
    }
    CK_CHECK_EQ(ck_page_read(&reader, &event), 0);
    const ck_wire_page broken = {.events = {(const uint8_t *)"\x22\x05", NULL, 4, 1}};
    ck_wire_page cut = broken;
    cut.events.end = cut.events.at + 2;
    ck_page_read_begin(&reader, &cut);
    CK_CHECK_EQ(ck_page_read(&reader, &event), CHALK_ERR_BAD_DATA);
    ck_buf_free(&ordered);
    ck_buf_free(&crowded);
    ck_buf_free(&bytes);
}
