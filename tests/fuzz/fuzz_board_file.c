/* A board's file that somebody else wrote: refused, or one that is written again as it was. */
#include "chalkrail/errors.h"
#include "core/board/file.h"
#include "core/journal/crc32c.h"
#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(ck_bytes whole)
{
    ck_board_file file;
    ck_board_file_part part;
    ck_board board;
    uint32_t parts = 0;
    if (ck_board_file_read(whole, &file) < 0) {
        return;
    }
    ck_board_init(&board, &ck_test_heap);
    bool sound =
        ck_board_read(&board, file.board) == CHALK_OK && ck_board_file_is_past(&board, file.number);
    for (; ck_board_file_next(&file, &part); parts++) {
        volatile uint8_t last = part.data.size > 0 ? part.data.data[part.data.size - 1] : 0;
        (void)last;
    }
    if (parts != file.asset_count) {
        abort();
    }
    if (sound) {
        ck_board_file_writer w;
        ck_board_file again;
        ck_buf out;
        ck_buf_init(&out, &ck_test_heap, 1 << 26);
        ck_board_file_begin(&w, &board, file.number, file.me, 0, &out);
        ck_board_file_end(&w, &out);
        if (out.failed || ck_board_file_read(ck_bytes_of(out.data, out.size), &again) < 0) {
            abort();
        }
        ck_buf_free(&out);
    }
    ck_board_free(&board);
}

/* The check at the end is made right, or nothing else would ever be looked at. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t magic[8] = {0x89, 'C', 'K', 'B', '\r', '\n', 0x1a, '\n'};
    uint8_t *whole = malloc(size + 12);
    if (whole == NULL) {
        return 0;
    }
    memcpy(whole, magic, sizeof magic);
    if (size > 0) {
        memcpy(whole + 8, data, size);
    }
    ck_store_be32(whole + 8 + size, ck_crc32c(0, whole, size + 8));
    read_all(ck_bytes_of(whole, size + 12));
    free(whole);
    (void)ck_board_file_read(ck_bytes_of(data, size), &(ck_board_file){0});
    return 0;
}
