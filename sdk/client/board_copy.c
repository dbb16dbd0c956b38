/* A board of its own with what is seen, for work that takes longer than the room may wait. */
#include "client/board.h"

#include "base/time.h"
#include "client/room.h"

static int copy(const ck_board *board, ck_board *out)
{
    ck_buf bytes;
    ck_buf_init(&bytes, &ck_heap, CK_BOARD_SNAPSHOT_MAX);
    ck_board_write(board, &bytes);
    int status = ck_buf_status(&bytes);
    if (status == CHALK_OK) {
        status = ck_board_read(out, ck_bytes_of(bytes.data, bytes.size));
    }
    ck_buf_free(&bytes);
    return status;
}

int ck_client_board_copy(ck_client_room *room, uint32_t view, ck_board *out, uint64_t *number)
{
    const ck_room *state = ck_client_room_state(room, view);
    const ck_event *event;
    uint64_t last = state->number;
    if (view == CHALK_VIEW_HEAD && !room->ended) {
        ck_client_board_pump(room, true, ck_clock_us());
    }
    int status = copy(&state->board, out);
    for (uint32_t i = 0; status == CHALK_OK && view == CHALK_VIEW_HEAD &&
                         (event = ck_replica_pending(room->replica, i)) != NULL;
         i++) {
        const ck_board_event pending = {++last, ck_replica_me(room->replica), event->counter,
                                        event->data};
        status = event->kind == CK_EVENT_BOARD ? ck_board_apply(out, &pending) : CHALK_OK;
    }
    if (number != NULL) {
        *number = last;
    }
    return status;
}
