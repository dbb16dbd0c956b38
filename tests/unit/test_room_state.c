/* What events add up to. */
#include "chalkrail/errors.h"
#include "core/room/room.h"
#include "core/room/store.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#include <string.h>

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static const ck_event lesson[] = {
    {.kind = CK_EVENT_ENROLL, .target = 1, .text = TEXT("ada"), .value = CK_ROLE_TEACHER},
    {.kind = CK_EVENT_ENROLL, .target = 2, .text = TEXT("李伟"), .value = CK_ROLE_STUDENT},
    {.kind = CK_EVENT_CLASS, .author = 1, .value = CK_CLASS_LIVE},
    {.kind = CK_EVENT_CHAT, .author = 2, .text = TEXT("老师好 👋")},
    {.kind = CK_EVENT_CHAT, .author = 2, .audience = CK_TO_STAFF, .text = TEXT("help")},
    {.kind = CK_EVENT_HAND, .author = 2, .value = 1},
    {.kind = CK_EVENT_POLL, .author = 1, .text = TEXT("A or B?"), .data = TEXT("\1A\1B")},
    {.kind = CK_EVENT_VOTE, .author = 2, .about = 7, .value = 2, .audience = CK_TO_SELF},
    {.kind = CK_EVENT_COUNTS, .about = 7, .data = TEXT("\0\1")},
    {.kind = CK_EVENT_INVITE, .author = 1, .target = 2, .value = 1},
    {.kind = CK_EVENT_ANSWER, .author = 2, .value = 1},
    {.kind = CK_EVENT_STREAM, .target = 1, .value = CK_MEDIA_SCREEN << 1 | 1},
    {.kind = CK_EVENT_NOTICE, .author = 1, .text = TEXT("page 14")},
    {.kind = CK_EVENT_SLOW, .author = 1, .value = 5},
    {.kind = CK_EVENT_CHAT, .author = 1, .text = TEXT("to be deleted")},
    {.kind = CK_EVENT_DELETE, .author = 1, .about = 15},
    {.kind = 99, .author = 2, .value = 7},                        /* of a newer end */
    {.kind = CK_EVENT_VOTE, .author = 2, .about = 3, .value = 1}, /* for no poll */
};
#define LESSON CK_COUNT_OF(lesson)

static ck_event event_at(size_t i)
{
    ck_event event = lesson[i];
    event.number = i + 1;
    event.order_us = 1000 * (i + 1);
    event.origin_us = 1000 * i;
    return event;
}

static void fold(ck_room *room, uint32_t chat_max, size_t from)
{
    if (from == 0) {
        ck_room_init(room, &ck_test_heap, chat_max);
    }
    for (size_t i = from; i < LESSON; i++) {
        ck_event event = event_at(i);
        CK_CHECK_EQ(ck_room_apply(room, &event), CHALK_OK);
    }
}

CK_TEST(room, events_add_up)
{
    ck_room room;
    fold(&room, 100, 0);
    const ck_person *li = ck_room_find_name(&room, (ck_bytes)TEXT("李伟"));
    CK_CHECK(li != NULL && li->id == 2 && li->hand == 0);
    CK_CHECK(li->rights == (CK_RIGHT_CHAT | CK_RIGHT_SPEAK));
    CK_CHECK(room.class_state == CK_CLASS_LIVE && room.begun_us == 3000 && room.slow_s == 5);
    CK_CHECK(room.stream_count == 1 && room.streams[0].who == 1);
    CK_CHECK_STR(ck_room_notice(&room), "page 14");
    const ck_poll *poll = ck_room_find_poll(&room, 7);
    CK_CHECK(poll != NULL && poll->option_count == 2 && poll->counts[0] == 0);
    CK_CHECK(poll->counts[1] == 1 && ck_room_find_vote(&room, 7, 2)->choices == 2);
    CK_CHECK(room.chat_count == 3 && ck_room_find_said(&room, 0, 15)->event.deleted);
    CK_CHECK(ck_room_find_said(&room, 0, 15)->event.text.size == 0);
    CK_CHECK_MEM(ck_room_find_said(&room, 0, 4)->text, "老师好 👋", 14);
    ck_room_free(&room);
}

CK_TEST(room, the_hash_is_of_what_is_public)
{
    /* Left out of what somebody sees, these change nothing; any other event does. */
    static const bool private[LESSON] = {[4] = true, [7] = true, [16] = true, [17] = true};
    ck_room all;
    fold(&all, 0, 0);
    for (size_t without = 0; without < LESSON; without++) {
        ck_room room;
        ck_room_init(&room, &ck_test_heap, 7);
        for (size_t i = 0; i < LESSON; i++) {
            ck_event event = event_at(i);
            CK_CHECK_EQ(i == without ? 0 : ck_room_apply(&room, &event), CHALK_OK);
        }
        room.number = LESSON;
        /* The invitation leaves no trace once it was answered, but without it nothing is answered.
         */
        CK_CHECK_ROW(without, (ck_room_hash(&room) == ck_room_hash(&all)) ==
                                  (private[without] || lesson[without].kind == CK_EVENT_HAND));
        ck_room_free(&room);
    }
    ck_room_free(&all);
}

CK_TEST(room, a_snapshot_anywhere_is_as_good_as_the_beginning)
{
    for (size_t at = 0; at <= LESSON; at++) {
        ck_room first, second;
        ck_buf bytes;
        ck_buf_init(&bytes, &ck_test_heap, 1 << 20);
        ck_room_init(&first, &ck_test_heap, 50);
        ck_room_init(&second, &ck_test_heap, 50);
        for (size_t i = 0; i < at; i++) {
            ck_event event = event_at(i);
            CK_CHECK_EQ(ck_room_apply(&first, &event), CHALK_OK);
        }
        ck_room_write(&first, NULL, &bytes);
        CK_CHECK_EQ(ck_room_read(&second, ck_bytes_of(bytes.data, bytes.size)), CHALK_OK);
        fold(&first, 50, at == 0 ? 1 : at);
        fold(&second, 50, at == 0 ? 1 : at);
        CK_CHECK_ROW(at, ck_room_hash(&first) == ck_room_hash(&second));
        CK_CHECK_ROW(at, first.chat_count == second.chat_count &&
                             first.vote_count == second.vote_count);
        CK_CHECK_ROW(at, first.next_id == second.next_id);
        ck_room_free(&first);
        ck_room_free(&second);
        ck_buf_free(&bytes);
    }
}

CK_TEST(room, a_snapshot_holds_what_its_reader_may_know)
{
    ck_room room, seen;
    fold(&room, 100, 0);
    ck_event secret = {.kind = CK_EVENT_ENROLL,
                       .target = 3,
                       .text = TEXT("eve"),
                       .number = 19,
                       .value = CK_ROLE_STUDENT,
                       .audience = CK_TO_STAFF};
    CK_CHECK_EQ(ck_room_apply(&room, &secret), CHALK_OK);
    static const struct {
        ck_person viewer;
        uint32_t people, chat, votes;
    } rows[] = {
        {{.id = 1, .role = CK_ROLE_TEACHER}, 3, 3, 0},
        {{.id = 2, .role = CK_ROLE_STUDENT}, 2, 3, 1}, /* its own message to staff, its own vote */
        {{.id = 3, .role = CK_ROLE_STUDENT}, 3, 2, 0}, /* itself */
        {{.id = 4, .role = CK_ROLE_OBSERVER}, 2, 2, 0},
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        ck_buf bytes;
        ck_buf_init(&bytes, &ck_test_heap, 1 << 20);
        ck_room_init(&seen, &ck_test_heap, 100);
        ck_room_write(&room, &rows[row].viewer, &bytes);
        CK_CHECK_EQ(ck_room_read(&seen, ck_bytes_of(bytes.data, bytes.size)), CHALK_OK);
        CK_CHECK_ROW(row, seen.person_count == rows[row].people);
        CK_CHECK_ROW(row, seen.chat_count == rows[row].chat && seen.vote_count == rows[row].votes);
        CK_CHECK_ROW(row, ck_room_hash(&seen) == ck_room_hash(&room));
        ck_room_free(&seen);
        ck_buf_free(&bytes);
    }
    ck_room_free(&room);
}

CK_TEST(room, is_bounded)
{
    ck_room room;
    ck_room_init(&room, &ck_test_heap, 30);
    static uint8_t text[CK_TEXT_MAX];
    memset(text, 'x', sizeof text);
    for (uint64_t i = 1; i <= 2000; i++) {
        const ck_event events[] = {
            {.kind = CK_EVENT_CHAT, .number = 3 * i, .author = 1, .text = {text, sizeof text}},
            {.kind = CK_EVENT_POLL, .number = 3 * i + 1, .data = TEXT("\1A")},
            {.kind = CK_EVENT_STREAM, .number = 3 * i + 2, .target = i, .value = 3},
        };
        for (size_t k = 0; k < CK_COUNT_OF(events); k++) {
            CK_CHECK_EQ(ck_room_apply(&room, &events[k]), CHALK_OK);
        }
    }
    CK_CHECK(room.chat_count == 30 && room.chat_gone == 1970);
    CK_CHECK(room.stream_count == CK_ROOM_STREAMS);
    CK_CHECK(ck_room_find_poll(&room, 4) != NULL && ck_room_find_poll(&room, 3 * 17 + 1) == NULL);
    ck_room_free(&room);
    ck_room_init(&room, &ck_test_heap, 4096);
    for (uint64_t i = 1; i <= 2000; i++) {
        const ck_event chat = {.kind = CK_EVENT_CHAT, .number = i, .text = {text, sizeof text}};
        CK_CHECK_EQ(ck_room_apply(&room, &chat), CHALK_OK);
    }
    CK_CHECK(room.chat_bytes <= CK_ROOM_CHAT_BYTES && room.chat_count == CK_ROOM_CHAT_BYTES / 8000);
    ck_room_free(&room);
}

/* What PROTOCOL says of it. */
CK_TEST(room, a_message_costs_19_bytes_besides_its_text)
{
    const ck_event said = {.kind = CK_EVENT_CHAT,
                           .number = 5001,
                           .author = 300,
                           .counter = 40,
                           .order_us = 1000020000,
                           .origin_us = 1000020000 - 30000,
                           .text = TEXT("ok")};
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 1000);
    ck_event_writer w = {
        .out = &out, .field = CK_LIST_BATCH_EVENTS, .number = 5000, .order_us = 1000000000};
    ck_event_write(&w, &said);
    CK_CHECK_EQ(out.size - said.text.size, 19);
    ck_buf_free(&out);
}

CK_TEST(room, out_of_memory_is_told_and_leaks_nothing)
{
    for (size_t fail_at = 1;; fail_at++) {
        ck_failing_alloc heap;
        ck_failing_alloc_init(&heap, fail_at);
        ck_room room;
        int status = CHALK_OK;
        ck_room_init(&room, &heap.alloc, 10);
        for (size_t i = 0; i < LESSON && status == CHALK_OK; i++) {
            ck_event event = event_at(i);
            status = ck_room_apply(&room, &event);
        }
        ck_buf bytes;
        ck_buf_init(&bytes, &ck_test_heap, 1 << 20);
        ck_room_write(&room, NULL, &bytes);
        if (status == CHALK_OK && !bytes.failed) {
            status = ck_room_read(&room, ck_bytes_of(bytes.data, bytes.size));
        }
        ck_buf_free(&bytes);
        ck_room_free(&room);
        CK_CHECK_ROW(fail_at, heap.live == 0);
        CK_CHECK_ROW(fail_at, status == CHALK_OK || status == CHALK_ERR_NO_MEMORY);
        if (heap.calls < fail_at) {
            CK_CHECK(fail_at > 10);
            return;
        }
    }
}

CK_TEST(room_store, takes_records_of_the_lease_in_their_place)
{
    static const struct {
        uint64_t epoch, after, to;
        enum ck_store_answer answer;
    } rows[] = {
        {1, 0, 3, CK_STORE_COMMITTED}, {1, 3, 3, CK_STORE_COMMITTED}, /* only asks */
        {1, 0, 3, CK_STORE_FENCED},    {1, 4, 5, CK_STORE_FENCED},
        {1, 3, 5, CK_STORE_COMMITTED}, {2, 5, 6, CK_STORE_FENCED}, /* a lease that nobody has */
    };
    ck_memory_store store;
    ck_memory_store_init(&store, &ck_test_heap);
    CK_CHECK_EQ(ck_memory_store_lease(&store), 1);
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        CK_CHECK_ROW(row,
                     ck_memory_store_append(&store, rows[row].epoch, rows[row].after, rows[row].to,
                                            (ck_bytes)TEXT("x")) == rows[row].answer);
    }
    CK_CHECK(store.count == 2 && store.to == 5);
    CK_CHECK_EQ(ck_memory_store_checkpoint(&store, 1, 3, (ck_bytes)TEXT("s")), CK_STORE_COMMITTED);
    CK_CHECK(store.count == 1 && store.records[0].to == 5);
    CK_CHECK_EQ(ck_memory_store_lease(&store), 2);
    CK_CHECK_EQ(ck_memory_store_append(&store, 1, 5, 6, (ck_bytes)TEXT("x")), CK_STORE_FENCED);
    CK_CHECK_EQ(ck_memory_store_append(&store, 2, 5, 6, (ck_bytes)TEXT("x")), CK_STORE_COMMITTED);
    ck_memory_store_free(&store);
}
