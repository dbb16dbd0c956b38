/* Events of people who say anything, on one board: it stays one that can be stored and read. */
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/board.h"

#include "base/check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const ck_board *b)
{
    ck_board other;
    ck_buf bytes;
    ck_buf_init(&bytes, &ck_test_heap, 1 << 26);
    ck_board_init(&other, &ck_test_heap);
    ck_board_write(b, &bytes);
    if (bytes.failed || ck_board_read(&other, ck_bytes_of(bytes.data, bytes.size)) < 0 ||
        ck_board_hash(&other) != ck_board_hash(b)) {
        abort();
    }
    ck_board_free(&other);
    ck_buf_free(&bytes);
    (void)ck_board_hit(b, 1, 0, 0, 6400);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_board b;
    ck_reader in = ck_reader_of(data, size);
    ck_board_init(&b, &ck_test_heap);
    for (uint64_t number = 1; ck_reader_left(&in) > 2; number++) {
        uint64_t author = 1 + ck_read_u8(&in) % 4;
        size_t want = ck_read_u8(&in), bytes = CK_MIN(want, ck_reader_left(&in));
        const ck_board_who who = ck_desk_who(author);
        const ck_board_event event = {number, author, number, {ck_read_bytes(&in, bytes), bytes}};
        uint64_t hash = ck_board_hash(&b);
        bool allowed = ck_board_check(&b, &who, &event) == CK_REASON_NONE;
        if (ck_board_apply(&b, &event) < 0 || (allowed && ck_board_hash(&b) == hash)) {
            abort(); /* what is allowed changes something */
        }
    }
    check(&b);
    ck_board_free(&b);
    return 0;
}
