/* A stream's deadlines, all on one timer. A deadline that moved later leaves the timer as it is:
 * it fires, finds nothing due and is set anew, so traffic costs no timer calls. */
#include "runtime/net/stream_internal.h"

#include "base/check.h"

static uint64_t after(uint64_t since_us, uint32_t timeout_ms)
{
    return timeout_ms == 0 ? CK_NEVER : since_us + (uint64_t)timeout_ms * CK_US_PER_MS;
}

static uint64_t earliest(const ck_stream *s)
{
    switch (s->state) {
    case CK_STREAM_CONNECTING:
    case CK_STREAM_HANDSHAKING:
        return CK_MIN(s->open_due_us, ck_stream_fault_due(s));
    case CK_STREAM_OPEN: {
        bool reading = !s->paused && !s->peer_ended;
        uint64_t read_due_us = reading ? after(s->read_since_us, s->read_timeout_ms) : CK_NEVER;
        uint64_t write_due_us =
            s->blocked ? after(s->write_since_us, s->write_timeout_ms) : CK_NEVER;
        uint64_t end_due_us =
            s->send_broke ? after(s->write_since_us, CK_STREAM_RESET_READ_MS) : CK_NEVER;
        uint64_t fault_due_us = ck_stream_fault_due(s);
        return CK_MIN(CK_MIN(read_due_us, write_due_us), CK_MIN(end_due_us, fault_due_us));
    }
    case CK_STREAM_FLUSHING:
        return s->close_due_us;
    case CK_STREAM_CLOSED:
        break;
    }
    return CK_NEVER;
}

static void on_timer(uv_timer_t *timer)
{
    ck_stream *s = timer->data;
    s->timer_due_us = CK_NEVER;
    ck_loop_refresh_now(s->loop);
    if (s->fault != NULL) {
        ck_stream_fault_turn(s);
    }
    if (earliest(s) > ck_loop_now_us(s->loop)) {
        ck_stream_arm(s);
        return;
    }
    /* Having sent everything and FIN is a clean end, even if the peer never answers it. */
    bool sent_all = s->state == CK_STREAM_FLUSHING && s->fin_sent;
    int cause = s->send_broke ? CHALK_ERR_DISCONNECTED : CHALK_ERR_TIMEOUT;
    ck_stream_fail(s, sent_all ? s->close_status : cause);
}

void ck_stream_arm(ck_stream *s)
{
    uint64_t due_us = earliest(s);
    bool early_enough = s->timer_due_us <= due_us && due_us != CK_NEVER;
    if (s->state == CK_STREAM_CLOSED || due_us == s->timer_due_us || early_enough) {
        return;
    }
    s->timer_due_us = due_us;
    if (due_us == CK_NEVER) {
        (void)uv_timer_stop(&s->timer);
    } else {
        ck_loop_start_uv_timer(s->loop, &s->timer, on_timer, due_us);
    }
}
