#include "core/share/rest.h"

#include "base/check.h"
#include "base/time.h"

/* Pictures of an animation come no faster than this, however high the limit is. */
#define SPACING_US_MIN (CK_US_PER_S / 15)
/* A change of up to this part of the picture may be clean at once: a line of text that is typed. */
#define SMALL_PART 25u /* one in so many */
/* As long as less than this part of a second's bits was sent lately. */
#define QUIET_PART 4.0
#define DEBT_S_MAX 3.0

/* What happens at each moment after a change. Two steps bring the picture to rest; what follows
 * them pushes it through players that decode several pictures at a time. */
enum moment { MOMENT_REPEAT, MOMENT_REFINE };

static const uint8_t moments[] = {
    MOMENT_REPEAT, MOMENT_REFINE, MOMENT_REFINE, MOMENT_REPEAT,
    MOMENT_REPEAT, MOMENT_REPEAT, MOMENT_REPEAT,
};
#define STEPS   2u
#define MOMENTS (uint32_t) CK_COUNT_OF(moments)
/* Where each picture has to be coded, these are left out. */
#define COSTLY_FROM 1u
#define COSTLY_TO   5u

void ck_rest_init(ck_rest *r, const ck_rest_config *config)
{
    *r = (ck_rest){.config = *config};
}

static void drain(ck_rest *r, uint64_t now_us)
{
    double elapsed_us = now_us > r->used_at_us ? (double)(now_us - r->used_at_us) : 0.0;
    r->used_bits = CK_MAX(r->used_bits - elapsed_us * r->config.bitrate_kbps / 1000.0, 0.0);
    r->used_at_us = CK_MAX(now_us, r->used_at_us);
}

static void spend(ck_rest *r, uint64_t bytes, uint64_t now_us)
{
    drain(r, now_us);
    double most = DEBT_S_MAX * 1000.0 * r->config.bitrate_kbps;
    r->used_bits = CK_MIN(r->used_bits + 8.0 * (double)bytes, most);
}

static bool keys_by_time(const ck_rest *r)
{
    return r->config.gop_us != 0;
}

uint32_t ck_rest_changed(ck_rest *r, uint64_t area, uint64_t whole, uint64_t now_us)
{
    drain(r, now_us);
    bool small = area * SMALL_PART <= whole;
    bool quiet = r->used_bits * QUIET_PART <= 1000.0 * r->config.bitrate_kbps;
    bool clean = r->config.refines && small && quiet;
    r->refined = clean ? STEPS : 0; /* the whole picture is coded with that quality */
    uint32_t finer = keys_by_time(r) ? CK_REST_CLEAN / 2 : CK_REST_CLEAN;
    return clean ? finer : 0;
}

uint32_t ck_rest_finer(const ck_rest *r, enum ck_rest_act act)
{
    if (!r->config.refines) {
        return 0;
    }
    if (act == CK_REST_SETTLE || (act == CK_REST_KEY && (r->settled || !keys_by_time(r)))) {
        return CK_REST_SETTLED;
    }
    return act == CK_REST_REFINE && r->refined == 0 ? CK_REST_FINEST / STEPS : CK_REST_FINEST;
}

static uint64_t spacing_us(const ck_rest *r)
{
    return CK_MAX(r->config.period_us, SPACING_US_MIN);
}

/* The moment that is next on the schedule; MOMENTS: only the long rest. */
static uint32_t next_moment(const ck_rest *r)
{
    bool costly = !r->free_repeats;
    if (costly && !r->config.refines) {
        return MOMENTS;
    }
    uint32_t next = costly ? CK_MAX(r->further, COSTLY_FROM) : r->further;
    return next < (costly ? COSTLY_TO : MOMENTS) ? next : MOMENTS;
}

void ck_rest_sent_change(ck_rest *r, bool key, uint64_t bytes, uint64_t now_us)
{
    spend(r, bytes, now_us);
    r->pushes = !r->begun || now_us >= r->change_us + 2 * spacing_us(r);
    r->begun = true;
    r->further = 0;
    r->settled = false;
    r->change_us = now_us;
    r->sent_us = now_us;
    r->key_us = key ? now_us : r->key_us;
}

void ck_rest_sent_act(ck_rest *r, enum ck_rest_act act, bool key, uint64_t bytes, uint64_t now_us)
{
    spend(r, bytes, now_us);
    if (act == CK_REST_REFINE && r->config.refines) {
        r->refined = CK_MIN(r->refined + 1, STEPS);
    } else if (act != CK_REST_REPEAT) {
        r->refined = STEPS;
    }
    r->settled = r->settled || act == CK_REST_SETTLE;
    r->further = CK_MIN(next_moment(r) + 1, MOMENTS);
    r->sent_us = now_us;
    r->key_us = key ? now_us : r->key_us;
}

uint64_t ck_rest_next_deadline(const ck_rest *r, enum ck_rest_act *act)
{
    if (!r->begun) {
        return CK_NEVER;
    }
    uint32_t next = next_moment(r);
    bool soon = keys_by_time(r) && r->free_repeats;
    uint64_t due = r->sent_us + (soon ? CK_REST_REPEAT_SOON_US : CK_REST_REPEAT_US);
    *act = r->refined < STEPS ? CK_REST_REFINE : CK_REST_REPEAT;
    if (next == 0 && r->pushes) {
        /* Many players show a picture when the next one comes. After a change out of the blue that
         * one is sent at once, where it costs nothing; in a film or while somebody scrolls the next
         * picture is it. */
        due = r->change_us;
        *act = CK_REST_REPEAT;
    } else if (next < MOMENTS) {
        uint64_t at_us = r->change_us + spacing_us(r) * (2 * next + 3) / 2;
        due = CK_MAX(at_us, r->sent_us + spacing_us(r) / 2);
        bool refine = moments[next] == MOMENT_REFINE && r->config.refines && r->refined < STEPS;
        *act = refine ? CK_REST_REFINE : CK_REST_REPEAT;
    }
    uint64_t key_due = keys_by_time(r) ? r->key_us + r->config.gop_us : CK_NEVER;
    /* In the middle of the schedule the picture still gets better; a key frame waits for that. */
    if (key_due <= due && next == MOMENTS) {
        due = key_due;
        bool settles = r->config.refines && !r->settled && due >= r->change_us + CK_REST_SETTLE_US;
        *act = settles ? CK_REST_SETTLE : CK_REST_KEY;
    }
    return due;
}
