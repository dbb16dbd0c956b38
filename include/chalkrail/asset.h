/*
 * chalkrail/asset.h - pictures and decks on the whiteboard: files that the room keeps by their
 * hash.
 *
 * A picture is put on a page from its file; those who see the page fetch it by themselves. A deck
 * is a PDF: it is uploaded once, its pages become pages of the board, and whoever shows one renders
 * it at the size of its own window (chalkrail/render.h says which page is wanted how sharp).
 *
 *     chalk_board_put_options_init(&put);
 *     put.x = 100;
 *     put.y = 80;
 *     chalk_board_add_image(session, &put, file, size, NULL);
 *     chalk_board_add_deck(session, pdf, pdf_size, pages, 0, NULL);
 *
 * Taken are PNG, JPEG, WebP and PDF, with the limits of enum chalk_asset_kind. What a file says of
 * its size is looked at before anything decodes it.
 *
 * How it goes on is told by CHALK_ROOM_EVENT_ASSET when it is there or has failed, and by
 * chalk_asset_get_info in between. An upload waits while there is no connection. What the board
 * shows of it comes when the upload is done, as an intent whose id nobody is told.
 *
 * Memory: 256 MB of files for a room; those used longest ago go and are fetched again. Without an
 * edge (chalk_board_open) all are kept, and more are refused.
 *
 * Thread: any, serial per session. Lifetime: that of the room.
 */
#ifndef CHALKRAIL_ASSET_H
#define CHALKRAIL_ASSET_H

#include "chalkrail/board.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A picture has at most 16 MB, 16,384 pixels a side and 64 million pixels, a PDF 64 MB. */
enum chalk_asset_kind {
    CHALK_ASSET_PNG = 1,
    CHALK_ASSET_JPEG = 2,
    CHALK_ASSET_WEBP = 3, /* not animated */
    CHALK_ASSET_PDF = 4,
};

enum chalk_asset_state {
    CHALK_ASSET_LOADING = 1,   /* it is fetched */
    CHALK_ASSET_UPLOADING = 2, /* its bytes are here, and go to the edge */
    CHALK_ASSET_READY = 3,     /* its bytes are here, and the room has them */
    CHALK_ASSET_FAILED = 4,    /* `cause` */
};

typedef struct chalk_asset_info {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_asset_info) */
    uint32_t state;       /* enum chalk_asset_state; 0: of a file that is not the room's */
    uint32_t kind;        /* enum chalk_asset_kind; 0: not known yet */
    int32_t cause;        /* FAILED: enum chalk_error */
    uint32_t wide, high;  /* pixels; 0: a PDF, or not known yet */
    uint64_t size;        /* bytes; 0: not known yet */
    uint64_t done;        /* bytes of it that were sent or have come */
} chalk_asset_info;

/**
 * Looks at a file: what it is, how large, its hash. Nothing is decoded.
 *
 * @param data  the file.
 * @param size  its bytes.
 * @param info  `struct_size` set; filled in.
 * @param hash  receives CHALK_BOARD_HASH bytes; may be NULL.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, UNSUPPORTED (a kind that is not taken), BAD_DATA (it is damaged),
 * TOO_LARGE (over a limit in bytes or pixels), NO_MEMORY.
 * Thread: any.
 * Lifetime: nothing is kept.
 * Since: 0.1
 */
CHALK_API int chalk_asset_identify(const uint8_t *data, size_t size, chalk_asset_info *info,
                                   uint8_t *hash);

/**
 * Gives a file to the room: it is uploaded.
 *
 * @param session  the session.
 * @param data     the file; copied.
 * @param size     its bytes.
 * @param hash     receives CHALK_BOARD_HASH bytes; may be NULL.
 * @return CHALK_OK; an ASSET event follows.
 *
 * Errors: those of chalk_asset_identify, BAD_STATE (in no room, or it has ended), LIMIT (too much
 * is kept already).
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_asset_add(chalk_session *session, const uint8_t *data, size_t size,
                              uint8_t *hash);

/**
 * Fetches a file of the room, unless it is here or on its way. One that could not be had is tried
 * again; one that came and cannot be decoded is not: the same bytes would come.
 *
 * @param session  the session.
 * @param hash     CHALK_BOARD_HASH bytes.
 * @return CHALK_OK; an ASSET event follows where it was not here and is tried.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT, NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_asset_fetch(chalk_session *session, const uint8_t *hash);

/**
 * Reads how a file of the room stands.
 *
 * @param session  the session.
 * @param hash     CHALK_BOARD_HASH bytes.
 * @param info     `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (nobody asked for it here, or it has gone for want of memory: fetch it),
 * INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_asset_get_info(chalk_session *session, const uint8_t *hash,
                                   chalk_asset_info *info);

/**
 * Copies the bytes of a file that is READY or UPLOADING.
 *
 * @param session  the session.
 * @param hash     CHALK_BOARD_HASH bytes.
 * @param data     receives the file; may be NULL with size 0.
 * @param size     bytes of `data`.
 * @param needed   receives the file's size.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (it is not here), TOO_LARGE (`size` is too small: nothing is copied),
 * INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_asset_read(chalk_session *session, const uint8_t *hash, uint8_t *data,
                               size_t size, size_t *needed);

/**
 * Puts a picture on a page from its file: it is uploaded, and on the page for everybody when that
 * is done.
 *
 * @param session  the session.
 * @param options  where; `kind`, `hash` and the pixels are those of the file. With `wide` or `high`
 *                 0 a pixel is a px, or the one follows from the other.
 * @param data     the file; copied.
 * @param size     its bytes.
 * @param hash     receives CHALK_BOARD_HASH bytes; may be NULL.
 * @return CHALK_OK; an ASSET event follows, and if it is READY an event of the board.
 *
 * Errors: those of chalk_asset_add; UNSUPPORTED also for a PDF.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_add_image(chalk_session *session, const chalk_board_put_options *options,
                                    const uint8_t *data, size_t size, uint8_t *hash);

/**
 * Makes pages of a deck: it is uploaded, and the pages are there for everybody when that is done.
 * Of a picture every page shows the whole. For staff.
 *
 * @param session  the session.
 * @param data     a PDF, or a picture; copied.
 * @param size     its bytes.
 * @param pages    how many it has, 1..1000; who renders it knows.
 * @param after    number of the page that they follow; 0: in front.
 * @param hash     receives CHALK_BOARD_HASH bytes; may be NULL.
 * @return CHALK_OK; an ASSET event follows, and if it is READY an event of the board.
 *
 * Errors: those of chalk_asset_add.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_add_deck(chalk_session *session, const uint8_t *data, size_t size,
                                   uint32_t pages, uint32_t after, uint8_t *hash);

#ifdef __cplusplus
}
#endif
#endif
