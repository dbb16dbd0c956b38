/*
 * A board as a file: the board, and the files of its images and decks. docs/PROTOCOL.md ("The board
 * as a file") is the specification.
 *
 *     ck_board_file_begin(&w, &board, number, me, count, &out);
 *     ck_board_file_asset(&w, hash, data, size, &out);      each
 *     ck_board_file_end(&w, &out);
 *     status = ck_board_file_read(file, &contents);
 *     while (ck_board_file_next(&contents, &asset)) ...
 *
 * Plain functions; any thread. What is read is borrowed from the file's bytes.
 */
#ifndef CK_CORE_BOARD_FILE_H
#define CK_CORE_BOARD_FILE_H

#include "core/board/board.h"

#define CK_BOARD_FILE_BYTES  (512u << 20) /* of a file */
#define CK_BOARD_FILE_ASSETS 4096u
#define CK_BOARD_FILE_NUMBER (UINT64_C(1) << 62) /* events go on from there */

/* What was written so far, for the check at the end. */
typedef struct ck_board_file_writer {
    uint32_t crc;
} ck_board_file_writer;

/* `number`: of the last event that the board has; `me`: the participant who saves it. */
void ck_board_file_begin(ck_board_file_writer *w, const ck_board *board, uint64_t number,
                         uint64_t me, uint32_t assets, ck_buf *out);
/* What stands before the bytes of an asset; these are the caller's to write, behind `out`. */
void ck_board_file_asset(ck_board_file_writer *w, const uint8_t hash[CK_BOARD_HASH],
                         const uint8_t *data, uint32_t size, ck_buf *out);
void ck_board_file_end(const ck_board_file_writer *w, ck_buf *out);

typedef struct ck_board_file {
    uint64_t number;
    uint64_t me;
    ck_bytes board; /* for ck_board_read */
    uint32_t asset_count;
    ck_reader assets;
} ck_board_file;

typedef struct ck_board_file_part {
    const uint8_t *hash; /* CK_BOARD_HASH bytes */
    ck_bytes data;
} ck_board_file_part;

/* CHALK_OK; BAD_DATA: it is no board file, damaged or cut short; UNSUPPORTED: of a later version;
 * TOO_LARGE. */
int ck_board_file_read(ck_bytes bytes, ck_board_file *out);
bool ck_board_file_next(ck_board_file *file, ck_board_file_part *out);

/* Whether all that is on the board happened up to event `number`: then others may follow it. */
bool ck_board_file_is_past(const ck_board *board, uint64_t number);

#endif
