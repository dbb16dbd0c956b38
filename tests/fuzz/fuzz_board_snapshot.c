/* A board that somebody else wrote: refused, or one that goes on as any other. */
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/board.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ck_desk d;
    ck_desk_init(&d, &ck_test_heap);
    if (ck_board_read(&d.board, ck_bytes_of(data, size)) == CHALK_OK) {
        ck_buf bytes;
        uint64_t hash = ck_board_hash(&d.board);
        ck_buf_init(&bytes, &ck_test_heap, 1 << 26);
        ck_board_write(&d.board, &bytes);
        if (bytes.failed || ck_board_read(&d.board, ck_bytes_of(bytes.data, bytes.size)) < 0 ||
            ck_board_hash(&d.board) != hash) {
            abort();
        }
        ck_buf_free(&bytes);
        d.number = UINT64_C(1) << 62;
        for (uint64_t author = 1; author < 4; author++) {
            const ck_board_author *known = ck_board_find_author(&d.board, author);
            d.terms[author] = known != NULL ? known->term + 1 : 1;
            (void)ck_desk_undo(&d, author);
            (void)ck_desk_redo(&d, author);
            (void)ck_desk_stroke(&d, author, 0, 0);
        }
        (void)ck_board_hit(&d.board, 1, 0, 0, 6400);
    }
    ck_desk_free(&d);
    return 0;
}
