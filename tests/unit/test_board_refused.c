/* What a board refuses, and by which name. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/board/inside.h"
#include "support/alloc.h"
#include "support/board.h"
#include "support/check.h"

#include <string.h>

static ck_desk d;

static enum ck_reason say(uint64_t author, const void *data, size_t size)
{
    const ck_board_who who = ck_desk_who(author);
    const ck_board_event event = {d.number + 1, author, ++d.counters[author],
                                  ck_bytes_of(data, size)};
    uint64_t hash = ck_board_hash(&d.board);
    enum ck_reason reason = ck_board_check(&d.board, &who, &event);
    if (reason != CK_REASON_NONE && reason != CK_REASON_DENIED) {
        CK_CHECK_EQ(ck_board_apply(&d.board, &event), CHALK_OK); /* and by whoever applies it */
        CK_CHECK(ck_board_hash(&d.board) == hash || d.number == 0);
    }
    return reason;
}

/* Author 2 is a student, 1 a teacher; page 1 is there. */
CK_TEST(board_refused, operations_that_make_no_sense)
{
    static const struct {
        uint64_t author;
        const char *data;
        size_t size;
        enum ck_reason reason;
    } rows[] = {
        {2, "", 0, CK_REASON_INVALID},
        {2, "\0\1", 2, CK_REASON_INVALID},
        {2, "\x13\1", 2, CK_REASON_INVALID},                     /* no such code */
        {2, "\x0a\1", 2, CK_REASON_INVALID},                     /* cut short */
        {1, "\x0a\1\1x", 4, CK_REASON_INVALID},                  /* more than there is to say */
        {1, "\x0a\1\x80\x80\x80\x80\x10", 7, CK_REASON_INVALID}, /* page 2^32 */
        {1, "\x0a\1\7", 3, CK_REASON_NOT_FOUND},                 /* page 7 */
        {1, "\x0a\0\1", 3, CK_REASON_INVALID},                   /* no term */
        {1, "\x0a\3\1", 3, CK_REASON_INVALID},                   /* a login skipped */
        {2, "\x0a\1\1", 3, CK_REASON_DENIED},                    /* a student clears */
        {1, "\x0b\1\1\5\0", 5, CK_REASON_NOT_FOUND},             /* undo of nothing */
        {2, "\3\1\1\5", 4, CK_REASON_NOT_FOUND},                 /* nobody's object */
        {2, "\3\1\0", 3, CK_REASON_INVALID},                     /* no object */
        {2, "\3\1\2\5\0", 5, CK_REASON_INVALID},                 /* one twice */
        {2, "\3\1\x81\2\5", 5, CK_REASON_TOO_LARGE},             /* 257 objects */
        {2, "\4\1\x80\x80\x80\x80\x01\0\1\5", 10, CK_REASON_INVALID}, /* out of this world */
        {2, "\5\1\0\0\0\2\1\5", 8, CK_REASON_INVALID},                /* to nothing */
        {2, "\1\1\1\x41\0\1\0\0\0\0", 10, CK_REASON_NONE},            /* a dot of no bytes */
        {2, "\1\1\1\x40\0\1\0\0\0\0", 10, CK_REASON_INVALID},         /* no tool */
        {2, "\1\1\1\x71\0\1\0\0\0\0", 10, CK_REASON_INVALID},         /* no unit */
        {2, "\1\1\1\x41\0\1\0", 7, CK_REASON_INVALID},                /* no stroke */
        {2, "\1\1\1\x41\0\1\0\0\0\5", 10, CK_REASON_INVALID},         /* cut short */
        {2, "\1\1\7\x41\0\1\0\0\0\0", 10, CK_REASON_NOT_FOUND},
        {1, "\x0d\1\2\x80\x20\1\0", 6, CK_REASON_INVALID}, /* pages up to 4097 */
        {1, "\x0d\1\1\1\1\0", 6, CK_REASON_STATE},         /* there is one */
        {1, "\x0d\1\2\1\7\0", 6, CK_REASON_NOT_FOUND},     /* after none */
        {1, "\x0d\1\2\1\1\5", 6, CK_REASON_INVALID},       /* no background */
        {1, "\x0d\1\2\xe8\7\1\0", 7, CK_REASON_LIMIT},     /* 1,000 more */
        {1, "\x0f\1\1", 3, CK_REASON_STATE},               /* the last page */
        {1, "\x10\1\1\1", 4, CK_REASON_INVALID},
        {1, "\x11\1\1\3", 4, CK_REASON_INVALID},
        {2, "\x11\1\1\0", 4, CK_REASON_DENIED},
        {2, "\x12\1\1\0\0\x80\x80\4", 8, CK_REASON_DENIED},
    };
    ck_desk_init(&d, &ck_test_heap);
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        enum ck_reason reason = say(rows[row].author, rows[row].data, rows[row].size);
        CK_CHECK_ROW(row, reason == rows[row].reason);
    }
    ck_desk_free(&d);
}

static enum ck_reason put(uint64_t kind, const ck_board_body *body)
{
    ck_buf rest;
    ck_buf_init(&rest, &ck_test_heap, 1 << 16);
    ck_board_put_body(&rest, kind, body);
    const ck_board_op op = {
        .code = CK_BOARD_PUT, .page = 1, .kind = kind, .rest = ck_bytes_of(rest.data, rest.size)};
    CK_CHECK_EQ(ck_buf_status(&rest), CHALK_OK);
    enum ck_reason reason = ck_desk_do(&d, 2, &op);
    ck_buf_free(&rest);
    return reason;
}

CK_TEST(board_refused, bodies_over_their_limits)
{
    static char letters[9000];
    static const uint8_t hash[CK_BOARD_HASH];
    memset(letters, 'a', sizeof letters);
    const struct {
        uint64_t kind;
        ck_board_body body;
        enum ck_reason reason;
    } rows[] = {
        {CK_BOARD_TEXT, {.size = 640, .text = {(uint8_t *)letters, 8000}}, CK_REASON_NONE},
        {CK_BOARD_TEXT, {.size = 640, .text = {(uint8_t *)letters, 8001}}, CK_REASON_TOO_LARGE},
        {CK_BOARD_TEXT, {.size = 0, .text = {(uint8_t *)letters, 1}}, CK_REASON_INVALID},
        {CK_BOARD_TEXT, {.size = 640}, CK_REASON_INVALID},
        {CK_BOARD_TEXT, {.size = 640, .text = {(const uint8_t *)"\xff", 1}}, CK_REASON_INVALID},
        {CK_BOARD_TEXT, {.size = 640, .text = {(const uint8_t *)"a\0b", 3}}, CK_REASON_INVALID},
        {CK_BOARD_IMAGE,
         {.x = 64, .y = 64, .pixels_x = 100000, .pixels_y = 100000, .hash = hash},
         CK_REASON_TOO_LARGE},
        {CK_BOARD_IMAGE,
         {.x = 64, .y = 64, .pixels_x = 16384, .pixels_y = 16384, .hash = hash},
         CK_REASON_TOO_LARGE},
        {CK_BOARD_IMAGE,
         {.x = 64, .y = 64, .pixels_x = 0, .pixels_y = 9, .hash = hash},
         CK_REASON_INVALID},
        {CK_BOARD_IMAGE,
         {.x = 64, .y = 64, .pixels_x = 9, .pixels_y = 9, .hash = hash},
         CK_REASON_NONE},
        {CK_BOARD_LINE, {.x = CK_BOARD_COORD_MAX, .y = -CK_BOARD_COORD_MAX}, CK_REASON_NONE},
        {CK_BOARD_LINE, {.x = CK_BOARD_COORD_MAX + 1}, CK_REASON_INVALID},
    };
    ck_desk_init(&d, &ck_test_heap);
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        CK_CHECK_ROW(row, put(rows[row].kind, &rows[row].body) == rows[row].reason);
    }
    ck_desk_free(&d);
}

/* A million points in a stroke, in as many bytes as an event may have. */
CK_TEST(board_refused, a_million_points)
{
    ck_buf rest, coded;
    ck_buf_init(&rest, &ck_test_heap, 1 << 16);
    ck_buf_init(&coded, &ck_test_heap, 1 << 16);
    ck_range_encoder e;
    ck_number_model counts;
    ck_number_model_init(&counts, CK_STROKE_COUNT_CLASS);
    ck_range_encode_init(&e, &coded);
    ck_number_put(&e, &counts, 999999);
    ck_range_encode_end(&e);
    uint8_t *more = ck_buf_extend(&coded, 15000);
    CK_CHECK(more != NULL);
    memset(more, 0x55, 15000);
    ck_board_put_stroke(&rest, 0, 0, ck_bytes_of(coded.data, coded.size));
    const ck_board_op op = {.code = CK_BOARD_DRAW,
                            .page = 1,
                            .tool = CK_BOARD_PEN,
                            .rest = ck_bytes_of(rest.data, rest.size)};
    ck_desk_init(&d, &ck_test_heap);
    CK_CHECK_EQ(ck_desk_do(&d, 2, &op), CK_REASON_TOO_LARGE);
    ck_buf_free(&rest);
    ck_buf_free(&coded);
    ck_desk_free(&d);
}

CK_TEST(board_refused, what_is_others)
{
    const ck_board_op style = {.code = CK_BOARD_STYLE, .mask = 1, .colour = 1};
    ck_desk_init(&d, &ck_test_heap);
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    CK_CHECK_EQ(ck_desk_move(&d, 3, id, 1, 1), CK_REASON_DENIED);
    CK_CHECK_EQ(ck_desk_delete(&d, 3, id), CK_REASON_DENIED);
    CK_CHECK_EQ(ck_desk_erase(&d, 3, id, 0, 64), CK_REASON_DENIED);
    CK_CHECK_EQ(ck_desk_ids(&d, 3, style, &id, 1), CK_REASON_DENIED);
    CK_CHECK_EQ(ck_desk_move(&d, 1, id, 1, 1), CK_REASON_NONE); /* staff may */
    CK_CHECK_EQ(ck_desk_move(&d, 2, id, 1, 1), CK_REASON_NONE);
    /* Who says that an id of another is theirs makes another id. */
    CK_CHECK(ck_board_author_of(ck_desk_stroke(&d, 3, 0, 0)) == 3);
    ck_desk_free(&d);
}

CK_TEST(board_refused, pages_that_are_not_for_them)
{
    static const uint64_t named[] = {3, 9};
    const ck_board_op only = {.code = CK_BOARD_ACCESS, .page = 1, .access = CK_BOARD_SOME};
    const ck_board_op staff = {.code = CK_BOARD_ACCESS, .page = 1, .access = CK_BOARD_STAFF};
    ck_desk_init(&d, &ck_test_heap);
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    CK_CHECK_EQ(ck_desk_ids(&d, 1, only, named, 2), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_stroke(&d, 2, 0, 0), 0);
    CK_CHECK_EQ(ck_desk_delete(&d, 2, id), CK_REASON_DENIED);
    CK_CHECK(ck_desk_stroke(&d, 3, 0, 0) != 0);
    CK_CHECK_EQ(ck_desk_do(&d, 1, &staff), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_stroke(&d, 3, 0, 0), 0);
    CK_CHECK(ck_desk_stroke(&d, 1, 0, 0) != 0);
    const ck_board_who may_not = {2, false, false};
    const ck_board_event event = {9, 2, 99, ck_bytes_of(d.data, d.size)};
    CK_CHECK_EQ(ck_board_check(&d.board, &may_not, &event), CK_REASON_DENIED);
    ck_desk_free(&d);
}

CK_TEST(board_refused, more_erased_ranges_than_a_stroke_may_have)
{
    ck_desk_init(&d, &ck_test_heap);
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    uint32_t taken = 0;
    while (ck_desk_erase(&d, 2, id, 2 * taken % 400, 2 * taken % 400 + 1) == CK_REASON_NONE) {
        CK_CHECK(++taken < 1000);
    }
    /* A hundred can be undone; the others became one where they touch. */
    CK_CHECK(taken >= CK_BOARD_RANGES);
    CK_CHECK_EQ(ck_desk_erase(&d, 2, id, 0, 9), CK_REASON_LIMIT);
    ck_desk_free(&d);
}

CK_TEST(board_refused, more_erased_ranges_than_all_strokes_may_have)
{
    ck_desk_init(&d, &ck_test_heap);
    uint32_t taken = 0;
    enum ck_reason last = CK_REASON_NONE;
    while (last == CK_REASON_NONE) {
        uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
        CK_CHECK(id != 0 && taken < 2 * CK_BOARD_ERASED_MAX);
        for (uint32_t i = 0; i < 190 && last == CK_REASON_NONE; i++, taken++) {
            last = ck_desk_erase(&d, 2, id, 2 * i, 2 * i + 1);
        }
    }
    CK_CHECK_EQ(last, CK_REASON_LIMIT);
    CK_CHECK_ROW(taken, taken >= CK_BOARD_ERASED_MAX);
    ck_buf snapshot;
    ck_buf_init(&snapshot, &ck_test_heap, 12u << 20); /* CK_BOARD_SNAPSHOT_MAX of a room */
    ck_board_write(&d.board, &snapshot);
    CK_CHECK(ck_buf_status(&snapshot) == CHALK_OK);
    ck_buf_free(&snapshot);
    ck_desk_free(&d);
}

static int read_again(const ck_board *board)
{
    ck_board copy;
    ck_buf snapshot;
    ck_buf_init(&snapshot, &ck_test_heap, 1 << 20);
    ck_board_write(board, &snapshot);
    CK_CHECK_EQ(ck_buf_status(&snapshot), CHALK_OK);
    ck_board_init(&copy, &ck_test_heap);
    int status = ck_board_read(&copy, ck_bytes_of(snapshot.data, snapshot.size));
    ck_board_free(&copy);
    ck_buf_free(&snapshot);
    return status;
}

/* What was never done, as a file may say it: undoing it would leave the world. */
CK_TEST(board_refused, a_history_that_cannot_have_been)
{
    const ck_board_op style = {
        .code = CK_BOARD_STYLE, .mask = CK_BOARD_WIDTH, .colour = 1, .width = 99};
    const struct {
        bool styles;
        int number;
        int32_t value;
    } rows[] = {
        {false, 0, INT32_MIN}, {false, 1, INT32_MAX}, {false, 2, 0},
        {false, 3, INT32_MIN}, {false, 4, 0},         {false, 5, CK_BOARD_SCALE_MAX + 1},
        {true, 4, INT32_MAX},  {true, 4, -1},         {true, 5, CK_BOARD_WIDTH_MAX + 1},
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        ck_desk_init(&d, &ck_test_heap);
        uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
        CK_CHECK_EQ(rows[row].styles ? ck_desk_ids(&d, 2, style, &id, 1)
                                     : ck_desk_move(&d, 2, id, 640, 0),
                    CK_REASON_NONE);
        CK_CHECK_EQ(read_again(&d.board), CHALK_OK);
        if (d.board.newest != NULL && d.board.newest->count > 0) { /* out of memory: none */
            d.board.newest->refs[0].numbers[rows[row].number] = rows[row].value;
        }
        CK_CHECK_EQ(read_again(&d.board), CHALK_ERR_BAD_DATA);
        ck_desk_free(&d);
    }
}

/* The next object would stand in front of all numbers that there are. */
CK_TEST(board_refused, a_page_without_a_front)
{
    for (int back = 0; back < 2; back++) {
        ck_desk_init(&d, &ck_test_heap);
        CK_CHECK(ck_desk_stroke(&d, 2, 0, 0) != 0);
        if (d.board.own != NULL) { /* out of memory: none */
            *(back ? &d.board.own->back : &d.board.own->front) = back ? -INT32_MAX : INT32_MAX;
        }
        CK_CHECK_EQ(read_again(&d.board), CHALK_ERR_BAD_DATA);
        ck_desk_free(&d);
    }
}

CK_TEST(board_refused, a_snapshot_that_is_none)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {{"\2\0\0\0\0\0\0\0\0", 9},
                {"\1\1", 2},
                {"\1\xff\xff\3", 4},
                {"\1\0\0\0\0\0\0\0\0\0", 10},
                {"\1\2\1\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0", 20}};
    ck_desk_init(&d, &ck_test_heap);
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        int status = ck_board_read(&d.board, ck_bytes_of(rows[row].bytes, rows[row].size));
        CK_CHECK_ROW(row, status == CHALK_ERR_BAD_DATA);
        CK_CHECK_ROW(row, ck_desk_stroke(&d, 2, 0, 0) != 0);
    }
    ck_desk_free(&d);
}
