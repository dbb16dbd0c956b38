#include "chalkrail/fault.h"

#include "client/client.h"
#include "client/room.h"

#include "base/time.h"

#define MS_MAX    10000
#define PPM_MAX   500000
#define STALL_MAX 600000

void chalk_faults_init(chalk_faults *faults)
{
    *faults = (chalk_faults){.struct_size = sizeof *faults};
}

static bool has_played(const chalk_session *s)
{
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        if (s->playing->playbacks[i] != NULL) {
            return true;
        }
    }
    return false;
}

int chalk_session_set_faults(chalk_session *s, const chalk_faults *faults)
{
    if (s == NULL || faults == NULL || !CK_KNOWN_SIZE(faults) || faults->delay_ms > MS_MAX ||
        faults->jitter_ms > MS_MAX || faults->loss_ppm > PPM_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    bool late = s->room != NULL || has_played(s);
    if (!late) {
        s->faults = (ck_fault_config){
            .delay_us = faults->delay_ms * CK_US_PER_MS,
            .jitter_us = faults->jitter_ms * CK_US_PER_MS,
            .loss_ppm = faults->loss_ppm,
            .seed = faults->seed,
        };
    }
    ck_client_leave(s);
    return late ? CHALK_ERR_BAD_STATE : CHALK_OK;
}

/* --- now: on the loop's thread --------------------------------------------------------------- */

typedef struct call {
    chalk_session *session;
    uint64_t until_us; /* 0: cut */
    int status;
} call;

static void act_on_link(call *c, ck_link *link)
{
    if (c->until_us == 0) {
        ck_link_fail(link, CHALK_ERR_DISCONNECTED, "");
        return;
    }
    int status = ck_link_stall(link, c->until_us);
    c->status = status < 0 ? status : c->status;
}

static void act(void *arg)
{
    call *c = arg;
    chalk_session *s = c->session;
    if (s->room != NULL) {
        int status = ck_client_room_disturb(s->room, c->until_us);
        c->status = status < 0 ? status : c->status;
    }
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        ck_client_playback *p = s->playing->playbacks[i];
        if (p != NULL && p->link != NULL && !atomic_load(&p->closed)) {
            act_on_link(c, p->link);
        }
    }
}

static int disturb(chalk_session *s, uint64_t until_us)
{
    call c = {.session = s, .until_us = until_us};
    ck_client_enter(s);
    int status = ck_loop_call(s->runtime->loop, act, &c);
    ck_client_leave(s);
    return status < 0 ? status : c.status;
}

int chalk_session_stall(chalk_session *s, uint32_t for_ms)
{
    if (s == NULL || for_ms == 0 || for_ms > STALL_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return disturb(s, ck_clock_us() + for_ms * CK_US_PER_MS);
}

int chalk_session_cut(chalk_session *s)
{
    return s != NULL ? disturb(s, 0) : CHALK_ERR_INVALID_ARGUMENT;
}
