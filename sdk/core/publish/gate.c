#include "core/publish/gate.h"

void ck_gate_init(ck_gate *g, uint64_t limit_us, bool has_video)
{
    *g = (ck_gate){.limit_us = limit_us, .has_video = has_video, .need_key = has_video};
}

void ck_gate_restart(ck_gate *g)
{
    uint64_t dropped = g->dropped;
    ck_gate_init(g, g->limit_us, g->has_video);
    g->dropped = dropped;
}

void ck_gate_lost_picture(ck_gate *g)
{
    g->congested = g->congested || !g->need_key;
    g->need_key = true;
}

static bool may_ask(ck_gate *g, int64_t dts_us)
{
    bool lately = g->asked && dts_us - g->asked_us < CK_GATE_ASK_AGAIN_US;
    if (!lately) {
        g->asked = true;
        g->asked_us = dts_us;
    }
    return !lately;
}

static ck_gate_answer offer_picture(ck_gate *g, bool key, int64_t dts_us, uint64_t backlog_us)
{
    ck_gate_answer answer = {0};
    if (!g->need_key && backlog_us > g->limit_us) {
        ck_gate_lost_picture(g);
        answer.drop_queued = true;
    }
    /* Half the limit, or the key frame itself would put the stream over it again. */
    if (g->need_key && key && backlog_us <= g->limit_us / 2) {
        g->need_key = false;
        g->congested = false;
        g->begun = true;
        g->asked = false;
    }
    answer.send = !g->need_key;
    answer.want_key = g->need_key && backlog_us <= g->limit_us / 2 && may_ask(g, dts_us);
    return answer;
}

static bool sound_may_begin(ck_gate *g, int64_t dts_us)
{
    if (g->begun || !g->has_video) {
        return true;
    }
    if (!g->waiting) {
        g->waiting = true;
        g->wait_since_us = dts_us;
    }
    g->begun = dts_us - g->wait_since_us >= CK_GATE_PATIENCE_US;
    return g->begun;
}

static ck_gate_answer offer_sound(ck_gate *g, int64_t dts_us, uint64_t backlog_us)
{
    ck_gate_answer answer = {0};
    if (backlog_us > 2 * g->limit_us) {
        g->sound_blocked = true;
    } else if (backlog_us <= g->limit_us) {
        g->sound_blocked = false;
    }
    answer.send = sound_may_begin(g, dts_us) && !g->sound_blocked;
    return answer;
}

ck_gate_answer ck_gate_offer(ck_gate *g, enum ck_gate_kind kind, bool key, int64_t dts_us,
                             uint64_t backlog_us)
{
    ck_gate_answer answer = kind == CK_GATE_PICTURE ? offer_picture(g, key, dts_us, backlog_us)
                                                    : offer_sound(g, dts_us, backlog_us);
    g->dropped += !answer.send;
    return answer;
}
