/*
 * chalkrail/board_file.h - a whiteboard of one's own, without an edge, and whiteboards as files.
 *
 * A session that opened a board is in a room by itself, as its owner: everything of
 * chalkrail/board.h and chalkrail/render.h works on it, at once and without a network. What is
 * drawn is kept in memory; chalk_board_save writes it, also the board of a room of an edge.
 *
 *     chalk_board_open(session, NULL, 0);                  an empty board, or the bytes of a file
 *     ... wait for CHALK_EVENT_ROOM with state CHALK_LINK_LIVE, draw ...
 *     chalk_board_save(session, CHALK_VIEW_HEAD, NULL, 0, write_to_file, file);
 *
 * A file has the board's pages, all that is on them, what its authors can still undo, and the files
 * of its images and decks, as far as they are given. What people said is not in it. Files of later
 * versions are refused; those of this one will be read by all later ones.
 *
 * Thread: any, serial per session. Lifetime: stated with each function.
 */
#ifndef CHALKRAIL_BOARD_FILE_H
#define CHALKRAIL_BOARD_FILE_H

#include "chalkrail/board.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CHALK_BOARD_FILE_MAX   (512u << 20) /* bytes of a file */
#define CHALK_BOARD_ASSETS_MAX 4096         /* images and decks in a file */

/* What a board refers to by its hash: the file of an image or a deck. */
typedef struct chalk_board_asset {
    const uint8_t *hash; /* CHALK_BOARD_HASH bytes: SHA-256 of `data` */
    const uint8_t *data;
    size_t size; /* bytes */
} chalk_board_asset;

/**
 * Opens a board that nobody else sees. It is a room of its own in which this session is the owner;
 * chalk_room_leave ends it. Who opens a file is who saved it, and can undo what that one could.
 *
 * @param session  the session; in no room, or in one that has ended.
 * @param data     the file; NULL: an empty board.
 * @param size     bytes of `data`.
 * @return CHALK_OK; CHALK_EVENT_ROOM with state LIVE follows at once.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (it is in a room: leave first), BAD_DATA (no board file,
 * damaged or cut short), UNSUPPORTED (of a later version), TOO_LARGE (over a limit of the board),
 * LIMIT (the system gives no lock), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_open(chalk_session *session, const uint8_t *data, size_t size);

/**
 * Writes the board of the room that the session is in as a file. At the head, with all that one has
 * done, pending or not; a stroke whose pen is still down is not in it.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param assets   what images and decks refer to; NULL with count 0.
 * @param count    0..CHALK_BOARD_ASSETS_MAX.
 * @param write    takes the file, piece by piece, on this thread.
 * @param user     passed on.
 * @return CHALK_OK, or what `write` said.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (no room was joined), AGAIN (the room was never live),
 * TOO_LARGE (over CHALK_BOARD_FILE_MAX), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: nothing is kept.
 * Since: 0.1
 */
CHALK_API int chalk_board_save(chalk_session *session, uint32_t view,
                               const chalk_board_asset *assets, uint32_t count,
                               chalk_board_write_fn write, void *user);

/**
 * Finds the images and decks in a file. Whether a hash is right is for who uses the data to check.
 *
 * @param data    the file.
 * @param size    bytes of `data`.
 * @param assets  receives up to `most` of them; may be NULL with most 0.
 * @param most    of `assets`; CHALK_BOARD_ASSETS_MAX hold all.
 * @param count   receives how many there are.
 * @return CHALK_OK.
 *
 * Errors: TOO_LARGE (`most` is too small, what fits is filled in; or over CHALK_BOARD_FILE_MAX),
 * INVALID_ARGUMENT, BAD_DATA, UNSUPPORTED: as chalk_board_open.
 * Thread: any.
 * Lifetime: borrowed from `data`.
 * Since: 0.1
 */
CHALK_API int chalk_board_file_assets(const uint8_t *data, size_t size, chalk_board_asset *assets,
                                      uint32_t most, uint32_t *count);

#ifdef __cplusplus
}
#endif
#endif
