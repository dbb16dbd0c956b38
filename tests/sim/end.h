/*
 * One end of an RTMP connection: the real core on a way of bytes. What the core wants written is
 * polled only while little waits to be sent, as the product does with TCP_NOTSENT_LOWAT.
 */
#ifndef CK_SIM_END_H
#define CK_SIM_END_H

#include "core/rtmp/rtmp.h"
#include "sim/tcp.h"
#include "sim/timer.h"

typedef struct ck_sim_end {
    ck_rtmp *rtmp; /* NULL: over */
    ck_tcp *out;
    ck_sim_timer timer;
    void (*event)(void *user, ck_rtmp_event *event);
    bool (*more)(void *user); /* there is room: gives the core a tag; false: has none */
    void *user;
    uint32_t closed; /* CLOSED events: at most one */
} ck_sim_end;

/* False: the core could not be made. `more` may be NULL. */
bool ck_sim_end_init(ck_sim_end *e, const ck_rtmp_config *config, ck_tcp *out, ck_sim *sim);
void ck_sim_end_free(ck_sim_end *e);
void ck_sim_end_feed(ck_sim_end *e, const uint8_t *data, size_t size);
void ck_sim_end_pump(ck_sim_end *e);

#endif
