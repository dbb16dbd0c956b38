#include "core/avsync/lead.h"

#include "base/check.h"

#define TURN_US   10000 /* what a thread that fills needs to come round */
#define GROW_US   10000
#define SHRINK_US 5000
#define APART_US  200000   /* misses nearer than this are one */
#define CALM_US   20000000 /* without a miss, then it shrinks by a step */

void ck_lead_init(ck_lead *l, uint64_t now_us)
{
    *l = (ck_lead){CK_LEAD_LEAST_US, CK_LEAD_LEAST_US, now_us};
}

void ck_lead_block(ck_lead *l, uint32_t block_us)
{
    l->least_us = CK_MAX(CK_MIN(block_us, CK_LEAD_BLOCK_US) + TURN_US, CK_LEAD_LEAST_US);
    l->lead_us = CK_MAX(l->lead_us, l->least_us);
}

void ck_lead_missed(ck_lead *l, uint64_t now_us)
{
    if (now_us - l->changed_us >= APART_US || l->lead_us == l->least_us) {
        l->lead_us = CK_MAX(l->lead_us, CK_MIN(l->lead_us + GROW_US, CK_LEAD_MOST_US));
        l->changed_us = now_us;
    }
}

uint32_t ck_lead_us(ck_lead *l, uint64_t now_us)
{
    if (l->lead_us > l->least_us && now_us - l->changed_us >= CALM_US) {
        l->lead_us = CK_MAX(l->lead_us - SHRINK_US, l->least_us);
        l->changed_us = now_us;
    }
    return l->lead_us;
}
