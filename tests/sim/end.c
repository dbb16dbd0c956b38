#include "sim/end.h"

#include "base/time.h"

#define LOW_WATER 16384
#define CHUNK_MAX                                                                                  \
    (60000 + CK_OUT_HEAD_MAX) /* what one poll can give; ck_rtmp_config.chunk_size                 \
                               */

static void take_events(ck_sim_end *e)
{
    ck_rtmp_event event;
    while (e->rtmp != NULL && ck_rtmp_poll_event(e->rtmp, &event)) {
        e->closed += event.kind == CK_RTMP_EV_CLOSED;
        e->event(e->user, &event);
        ck_rtmp_event_free(&event);
    }
}

static void on_time(void *end, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_sim_end *e = end;
    if (e->rtmp != NULL) {
        ck_rtmp_on_deadline(e->rtmp, e->out->sim->now_us);
        take_events(e);
        ck_sim_end_pump(e);
    }
}

bool ck_sim_end_init(ck_sim_end *e, const ck_rtmp_config *config, ck_tcp *out, ck_sim *sim)
{
    e->out = out;
    ck_sim_timer_init(&e->timer, sim, on_time, e);
    return ck_rtmp_init(&e->rtmp, config, ck_rng_next(&sim->rng), sim->now_us) == 0;
}

void ck_sim_end_free(ck_sim_end *e)
{
    ck_rtmp_free(&e->rtmp);
    e->timer.at_us = CK_NEVER;
}

/* An event may end the end: its core is gone then. */
void ck_sim_end_feed(ck_sim_end *e, const uint8_t *data, size_t size)
{
    while (size > 0 && e->rtmp != NULL) {
        size_t used = 0;
        int status = ck_rtmp_feed(e->rtmp, data, size, e->out->sim->now_us, &used);
        take_events(e);
        if (status < 0) {
            break;
        }
        data += used;
        size -= used;
    }
    ck_sim_end_pump(e);
}

static bool has_room(const ck_sim_end *e)
{
    return e->rtmp != NULL && ck_tcp_unsent(e->out) < LOW_WATER && ck_tcp_room(e->out) >= CHUNK_MAX;
}

void ck_sim_end_pump(ck_sim_end *e)
{
    ck_out out;
    while (has_room(e)) {
        if (ck_rtmp_poll_output(e->rtmp, &out, e->out->sim->now_us)) {
            (void)ck_tcp_write(e->out, out.head, out.head_size); /* there is room for both */
            (void)ck_tcp_write(e->out, out.body.data, out.body.size);
            ck_slice_unref(&out.body);
        } else if (e->more == NULL || !e->more(e->user)) {
            break;
        }
    }
    ck_tcp_push(e->out);
    take_events(e);
    if (e->rtmp != NULL) {
        ck_sim_timer_set(&e->timer, ck_rtmp_next_deadline(e->rtmp));
    }
}
