/* A board without an edge, and boards as files. */
#include "client/board.h"

#include "base/check.h"
#include "base/time.h"
#include "client/room.h"
#include "core/board/file.h"

#include "chalkrail/board_file.h"

#define ROOM_NAME "board" /* nobody asks for it */
#define OWNER     "me"

/* NOLINTBEGIN(misc-redundant-expression): both sides are equal, which is what is asserted */
_Static_assert(CHALK_BOARD_FILE_MAX == CK_BOARD_FILE_BYTES &&
                   CHALK_BOARD_ASSETS_MAX == CK_BOARD_FILE_ASSETS,
               "the public limits are the file's");
/* NOLINTEND(misc-redundant-expression) */

/* --- opening --------------------------------------------------------------------------------- */

/* The state of a room in which nobody is yet; the first one to come is who saved the board. */
static int read_room(ck_bytes bytes, ck_buf *state)
{
    ck_board_file file;
    int status = ck_board_file_read(bytes, &file);
    if (status < 0) {
        return status;
    }
    ck_room room;
    ck_room_init(&room, &ck_heap, 0);
    room.number = file.number;
    room.next_id = file.me;
    status = ck_board_read(&room.board, file.board);
    if (status == CHALK_OK && !ck_board_file_is_past(&room.board, file.number)) {
        status = CHALK_ERR_BAD_DATA;
    }
    if (status == CHALK_OK) {
        ck_room_write(&room, NULL, state);
        status = ck_buf_status(state);
    }
    ck_room_free(&room);
    return status;
}

int chalk_board_open(chalk_session *s, const uint8_t *data, size_t size)
{
    ck_client_local *local = NULL;
    ck_buf state;
    if (s == NULL || (data == NULL && size > 0)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_buf_init(&state, &ck_heap, CK_CLIENT_ROOM_MESSAGE_MAX);
    int status = data != NULL ? read_room(ck_bytes_of(data, size), &state) : CHALK_OK;
    if (status == CHALK_OK) {
        status = ck_client_local_create(ck_bytes_of(state.data, state.size), ck_clock_us(), &local);
    }
    if (status == CHALK_OK) {
        chalk_room_options options;
        chalk_room_options_init(&options);
        options.room = ROOM_NAME;
        options.name = OWNER;
        options.keep = CHALK_KEEP_CHECKSUM;
        options.present = CHALK_PRESENT_LIVE;
        status = ck_client_room_enter(s, &options, NULL, local);
    }
    if (status < 0) {
        ck_client_local_destroy(&local);
    }
    ck_buf_free(&state);
    return status;
}

/* --- saving ---------------------------------------------------------------------------------- */

static bool is_sane(const chalk_board_asset *assets, uint32_t count)
{
    if (count > CHALK_BOARD_ASSETS_MAX || (assets == NULL && count > 0)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (assets[i].hash == NULL || (assets[i].data == NULL && assets[i].size > 0)) {
            return false;
        }
    }
    return true;
}

static bool fits(const chalk_board_asset *assets, uint32_t count)
{
    size_t left = CK_BOARD_FILE_BYTES - CK_BOARD_SNAPSHOT_MAX - 64;
    for (uint32_t i = 0; i < count; i++) {
        size_t more = CK_BOARD_HASH + 4;
        if (assets[i].size > left || left - assets[i].size < more) {
            return false;
        }
        left -= assets[i].size + more;
    }
    return true;
}

typedef struct saver {
    ck_board_file_writer file;
    ck_buf out; /* written next */
    chalk_board_write_fn write;
    void *user;
} saver;

static int write_out(saver *w)
{
    int status = ck_buf_status(&w->out);
    if (status == CHALK_OK) {
        status = w->write(w->out.data, w->out.size, w->user);
    }
    ck_buf_clear(&w->out);
    return status;
}

static int write_assets(saver *w, const chalk_board_asset *assets, uint32_t count)
{
    int status = CHALK_OK;
    for (uint32_t i = 0; i < count && status == CHALK_OK; i++) {
        const chalk_board_asset *a = &assets[i];
        ck_board_file_asset(&w->file, a->hash, a->data, (uint32_t)a->size, &w->out);
        status = write_out(w);
        if (status == CHALK_OK && a->size > 0) {
            status = w->write(a->data, a->size, w->user);
        }
    }
    return status;
}

/* A copy, so that nobody waits for the disk. AGAIN: the room's state was never known. */
static int copy_board(chalk_session *s, uint32_t view, ck_board *out, uint64_t *number,
                      uint64_t *me)
{
    ck_client_room *room;
    const ck_room *state;
    int status = ck_client_room_look(s, view, &room, &state);
    if (status < 0) {
        return status;
    }
    *me = ck_replica_me(room->replica);
    status = *me != 0 ? ck_client_board_copy(room, view, out, number) : CHALK_ERR_AGAIN;
    ck_client_room_give(s, room, true);
    return status;
}

int chalk_board_save(chalk_session *s, uint32_t view, const chalk_board_asset *assets,
                     uint32_t count, chalk_board_write_fn write, void *user)
{
    uint64_t number = 0, me = 0;
    ck_board board;
    saver w = {.write = write, .user = user};
    if (write == NULL || !is_sane(assets, count)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (!fits(assets, count)) {
        return CHALK_ERR_TOO_LARGE;
    }
    ck_buf_init(&w.out, &ck_heap, CK_BOARD_SNAPSHOT_MAX + 64);
    ck_board_init(&board, &ck_heap);
    int status = copy_board(s, view, &board, &number, &me);
    if (status == CHALK_OK) {
        ck_board_file_begin(&w.file, &board, number, me, count, &w.out);
        status = write_out(&w);
    }
    if (status == CHALK_OK) {
        status = write_assets(&w, assets, count);
    }
    if (status == CHALK_OK) {
        ck_board_file_end(&w.file, &w.out);
        status = write_out(&w);
    }
    ck_board_free(&board);
    ck_buf_free(&w.out);
    return status;
}

int chalk_board_file_assets(const uint8_t *data, size_t size, chalk_board_asset *assets,
                            uint32_t most, uint32_t *count)
{
    ck_board_file file;
    ck_board_file_part part;
    if (data == NULL || (assets == NULL && most > 0) || count == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    *count = 0;
    int status = ck_board_file_read(ck_bytes_of(data, size), &file);
    if (status < 0) {
        return status;
    }
    for (; ck_board_file_next(&file, &part); (*count)++) {
        if (*count < most) {
            assets[*count] = (chalk_board_asset){part.hash, part.data.data, part.data.size};
        }
    }
    return *count <= most ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}
