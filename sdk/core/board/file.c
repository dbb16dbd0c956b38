/* A board as a file. */
#include "core/board/file.h"

#include "chalkrail/errors.h"
#include "core/board/inside.h"
#include "core/journal/crc32c.h"

#include <string.h>

#define VERSION   1u
#define MAGIC     8u
#define CRC_BYTES 4u

/* As that of PNG: text modes and 7-bit transports leave no trace of it. */
static const uint8_t magic[MAGIC] = {0x89, 'C', 'K', 'B', '\r', '\n', 0x1a, '\n'};

/* --- writing --------------------------------------------------------------------------------- */

static void count_in(ck_board_file_writer *w, const ck_buf *out, size_t from)
{
    if (!out->failed) {
        w->crc = ck_crc32c(w->crc, out->data + from, out->size - from);
    }
}

void ck_board_file_begin(ck_board_file_writer *w, const ck_board *board, uint64_t number,
                         uint64_t me, uint32_t assets, ck_buf *out)
{
    size_t from = out->size;
    *w = (ck_board_file_writer){0};
    ck_buf_put(out, magic, MAGIC);
    ck_buf_put_be32(out, VERSION);
    ck_buf_put_be64(out, number);
    ck_buf_put_be32(out, (uint32_t)me);
    size_t place = out->size;
    ck_buf_put_be32(out, 0);
    ck_board_write(board, out);
    if (!out->failed) {
        ck_store_be32(out->data + place, (uint32_t)(out->size - place - 4));
    }
    ck_buf_put_be32(out, assets);
    count_in(w, out, from);
}

void ck_board_file_asset(ck_board_file_writer *w, const uint8_t hash[CK_BOARD_HASH],
                         const uint8_t *data, uint32_t size, ck_buf *out)
{
    size_t from = out->size;
    ck_buf_put(out, hash, CK_BOARD_HASH);
    ck_buf_put_be32(out, size);
    count_in(w, out, from);
    w->crc = ck_crc32c(w->crc, data, size);
}

void ck_board_file_end(const ck_board_file_writer *w, ck_buf *out)
{
    ck_buf_put_be32(out, w->crc);
}

/* --- reading --------------------------------------------------------------------------------- */

static ck_bytes read_part(ck_reader *r)
{
    uint32_t size = ck_read_be32(r);
    const uint8_t *data = ck_read_bytes(r, size);
    return ck_bytes_of(data, data != NULL ? size : 0);
}

bool ck_board_file_next(ck_board_file *file, ck_board_file_part *out)
{
    if (ck_reader_left(&file->assets) == 0) {
        return false;
    }
    out->hash = ck_read_bytes(&file->assets, CK_BOARD_HASH);
    out->data = read_part(&file->assets);
    return !file->assets.failed;
}

/* That the assets are as many as was said, and nothing stands behind them. */
static bool is_whole(ck_board_file file)
{
    ck_board_file_part part;
    for (uint32_t i = 0; i < file.asset_count; i++) {
        if (!ck_board_file_next(&file, &part)) {
            return false;
        }
    }
    return ck_reader_left(&file.assets) == 0;
}

int ck_board_file_read(ck_bytes bytes, ck_board_file *out)
{
    *out = (ck_board_file){0};
    if (bytes.size > CK_BOARD_FILE_BYTES) {
        return CHALK_ERR_TOO_LARGE;
    }
    if (bytes.size < MAGIC + 4 + CRC_BYTES || memcmp(bytes.data, magic, MAGIC) != 0) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_reader r = ck_reader_of(bytes.data + MAGIC, bytes.size - MAGIC - CRC_BYTES);
    if (ck_read_be32(&r) != VERSION) {
        return CHALK_ERR_UNSUPPORTED;
    }
    size_t checked = bytes.size - CRC_BYTES;
    out->number = ck_read_be64(&r);
    out->me = ck_read_be32(&r);
    out->board = read_part(&r);
    out->asset_count = ck_read_be32(&r);
    out->assets = r;
    bool sound = !r.failed && out->number <= CK_BOARD_FILE_NUMBER && out->me > 0 &&
                 out->me < CK_BOARD_AUTHORS_MAX && out->asset_count <= CK_BOARD_FILE_ASSETS &&
                 ck_crc32c(0, bytes.data, checked) == ck_load_be32(bytes.data + checked) &&
                 is_whole(*out);
    return sound ? CHALK_OK : CHALK_ERR_BAD_DATA;
}

bool ck_board_file_is_past(const ck_board *board, uint64_t number)
{
    if (board->newest != NULL && board->newest->number > number) {
        return false;
    }
    for (uint32_t i = 0; i < board->page_count; i++) {
        const ck_board_page *page = board->pages[board->order[i]];
        bool future = page->last != NULL && page->last->born > number; /* in order of birth */
        if (future || page->cleared > number) {
            return false;
        }
    }
    return true;
}
