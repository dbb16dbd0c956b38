#include "core/sequencer/inside.h"

#include "base/check.h"

/* Everything that is said to somebody, or asked of the store, waits here for the host. */
static bool make_place(ck_sequencer *s)
{
    if (s->output_count < s->output_size) {
        return true;
    }
    uint32_t size = s->output_size == 0 ? 32 : 2 * s->output_size;
    ck_sequencer_output *grown = ck_new_array(s->alloc, size, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < s->output_count; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): without places nothing is moved */
        grown[i] = s->outputs[(s->output_first + i) % s->output_size];
    }
    ck_free(s->alloc, s->outputs);
    s->outputs = grown;
    s->output_size = size;
    s->output_first = 0;
    return true;
}

void ck_seq_lose(ck_sequencer *s)
{
    s->state = CK_SEQUENCER_LOST;
}

void ck_seq_output(ck_sequencer *s, ck_sequencer_output output)
{
    if (!make_place(s)) {
        ck_slice_unref(&output.bytes);
        ck_seq_lose(s);
        return;
    }
    s->outputs[(s->output_first + s->output_count) % s->output_size] = output;
    s->output_count++;
    s->stats.outputs_most = CK_MAX(s->stats.outputs_most, s->output_count);
}

bool ck_sequencer_poll_output(ck_sequencer *s, ck_sequencer_output *out)
{
    if (s->output_count == 0) {
        return false;
    }
    *out = s->outputs[s->output_first];
    s->output_first = (s->output_first + 1) % s->output_size;
    s->output_count--;
    return true;
}

ck_buf ck_seq_buf(ck_sequencer *s)
{
    ck_buf buf;
    ck_buf_init(&buf, s->alloc, CK_ROOM_FRAME_LIMIT);
    return buf;
}

ck_slice ck_seq_slice_of(ck_sequencer *s, ck_buf *buf)
{
    ck_slice slice = {0};
    if (!buf->failed) {
        slice = ck_slice_copy(s->alloc, buf->data, buf->size);
    }
    ck_buf_free(buf);
    if (slice.data == NULL) {
        ck_seq_lose(s);
    }
    return slice;
}

void ck_seq_send(ck_sequencer *s, connection *c, ck_slice bytes)
{
    if (c->state == CLOSED || c->state == FREE || bytes.data == NULL) {
        ck_slice_unref(&bytes);
        return;
    }
    if (s->output_count >= CK_OUTPUTS_MAX) {
        /* The host does not keep up. A frame left out would be a hole, so the connection goes. */
        ck_slice_unref(&bytes);
        s->stats.slow_closed++;
        ck_seq_output(s, (ck_sequencer_output){.action = CK_SEQUENCER_CLOSE,
                                               .connection = ck_seq_id_of(s, c)});
        ck_seq_leave(s, c);
        c->state = CLOSED;
        return;
    }
    ck_seq_output(s, (ck_sequencer_output){
                         .action = CK_SEQUENCER_SEND,
                         .connection = ck_seq_id_of(s, c),
                         .bytes = bytes,
                     });
}

void ck_seq_send_frame(ck_sequencer *s, connection *c, enum ck_frame frame,
                       const ck_wire_type *type, const void *message)
{
    ck_buf buf = ck_seq_buf(s);
    ck_frame_put(&buf, frame, type, message);
    ck_seq_send(s, c, ck_seq_slice_of(s, &buf));
}
