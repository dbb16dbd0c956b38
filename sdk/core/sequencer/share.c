/* What all get. The frames of a turn are gathered and sent together: packed once for all who can
 * unpack, in a context that they share, and as they are to the others. */
#include "core/sequencer/inside.h"

#include "base/check.h"

void ck_seq_share(ck_sequencer *s, shared frame)
{
    if (frame.bytes.data == NULL) {
        return;
    }
    CK_INVARIANT(s->bundle_count < CK_BUNDLE, {
        ck_slice_unref(&frame.bytes);
        ck_seq_lose(s);
        return;
    });
    s->bundle[s->bundle_count++] = frame;
}

/* --- who can unpack -------------------------------------------------------------------------- */

static bool in_step(const ck_sequencer *s, const connection *c)
{
    return c->packing != 0 && c->packing == s->packing;
}

void ck_seq_may_unpack(ck_sequencer *s, connection *c)
{
    s->unpack_count += c->unpacks;
    c->packing = 0;
}

void ck_seq_unpacks_no_more(ck_sequencer *s, connection *c)
{
    s->unpack_count -= c->unpacks;
    s->in_step_count -= in_step(s, c);
    c->packing = 0;
}

/* --- packing --------------------------------------------------------------------------------- */

/* The context begins anew when somebody waits for it. Who came since gets plain frames till then,
 * so in a large room a flood of joins costs the others little. */
static bool may_restart(const ck_sequencer *s, uint64_t now_us)
{
    return s->unpack_count > s->in_step_count && now_us >= s->pack_restart_us &&
           s->stats.present >= s->config.pack_from;
}

/* Nobody follows any more, until it begins anew. */
static void break_step(ck_sequencer *s)
{
    s->packing++;
    s->in_step_count = 0;
}

static bool gather(ck_sequencer *s)
{
    ck_buf_clear(&s->pack_in);
    for (uint32_t i = 0; i < s->bundle_count; i++) {
        ck_wire_put_varint(&s->pack_in, s->bundle[i].bytes.size);
        ck_buf_put(&s->pack_in, s->bundle[i].bytes.data, s->bundle[i].bytes.size);
    }
    return ck_buf_status(&s->pack_in) == 0;
}

/* A PACKED frame of the bundle; empty: it goes as it is. */
static ck_slice pack(ck_sequencer *s, bool restart)
{
    ck_slice none = {0};
    if ((!restart && s->in_step_count == 0) || !gather(s)) {
        return none; /* what is too large is not packed, and the context does not know of it */
    }
    ck_buf_clear(&s->pack_out);
    s->packed_count = (uint8_t)(restart ? 0 : s->packed_count % CK_PACKED_COUNTS + 1);
    ck_buf_put_u8(&s->pack_out, CK_FRAME_PACKED);
    ck_buf_put_u8(&s->pack_out, s->packed_count);
    int status = s->config.packer->pack(s->config.packer->context,
                                        ck_bytes_of(s->pack_in.data, s->pack_in.size), restart,
                                        &s->pack_out);
    if (status < 0) {
        break_step(s);
        return none;
    }
    s->stats.packed_frames++;
    s->stats.packed_from_bytes += s->pack_in.size;
    s->stats.packed_bytes += s->pack_out.size;
    ck_slice packed = ck_slice_copy(s->alloc, s->pack_out.data, s->pack_out.size);
    if (packed.data == NULL) {
        break_step(s);
    }
    return packed;
}

/* --- sending --------------------------------------------------------------------------------- */

static void send_plain(ck_sequencer *s, connection *c, bool slow)
{
    for (uint32_t i = 0; i < s->bundle_count; i++) {
        const shared *frame = &s->bundle[i];
        if (slow && frame->lane) {
            s->stats.lanes_skipped++;
        } else if (frame->author != c->person) {
            ck_seq_send(s, c, ck_slice_ref(frame->bytes));
        }
    }
}

static void send_to(ck_sequencer *s, connection *c, ck_slice packed, bool restart)
{
    bool slow = c->unsent > CK_UNSENT_LANES;
    if (packed.data == NULL) {
        send_plain(s, c, slow);
        return;
    }
    if (slow && in_step(s, c)) { /* it will miss what the others' context knows */
        s->in_step_count--;
        c->packing = 0;
    } else if (restart && c->unpacks && !slow) {
        s->in_step_count++;
        c->packing = s->packing;
    }
    if (in_step(s, c)) {
        ck_seq_send(s, c, ck_slice_ref(packed));
    } else {
        send_plain(s, c, slow);
    }
}

void ck_seq_send_shared(ck_sequencer *s, uint64_t now_us)
{
    if (s->bundle_count == 0) {
        return;
    }
    bool restart = s->config.packer != NULL && may_restart(s, now_us);
    if (restart) {
        break_step(s);
        s->pack_restart_us = now_us + CK_PACK_RESTART_US;
        s->stats.pack_restarts++;
    }
    ck_slice packed = s->config.packer != NULL ? pack(s, restart) : (ck_slice){0};
    for (uint32_t i = 0; i < s->connection_count; i++) {
        if (s->connections[i].state == LIVE) {
            send_to(s, &s->connections[i], packed, restart);
        }
    }
    ck_slice_unref(&packed);
    ck_seq_drop_shared(s);
}

void ck_seq_drop_shared(ck_sequencer *s)
{
    for (uint32_t i = 0; i < s->bundle_count; i++) {
        ck_slice_unref(&s->bundle[i].bytes);
    }
    s->bundle_count = 0;
}
