/*
 * How long before it is heard sound must be ready for the device. Too little and a thread that the
 * system lets wait is heard as a gap; too much is delay. It grows when the device found nothing
 * although there was sound to give, and shrinks again while that does not happen.
 *
 * Allocates nothing; one thread at a time; fields are private.
 */
#ifndef CK_CORE_AVSYNC_LEAD_H
#define CK_CORE_AVSYNC_LEAD_H

#include <stdint.h>

#define CK_LEAD_LEAST_US 20000
#define CK_LEAD_MOST_US  120000 /* that it grows to */
#define CK_LEAD_BLOCK_US 400000 /* the largest block of a device that is waited for */

typedef struct ck_lead {
    uint32_t least_us;
    uint32_t lead_us;
    uint64_t changed_us;
} ck_lead;

void ck_lead_init(ck_lead *l, uint64_t now_us);
/* The device takes so much at once. */
void ck_lead_block(ck_lead *l, uint32_t block_us);
/* It found nothing, and the fault is ours. */
void ck_lead_missed(ck_lead *l, uint64_t now_us);
uint32_t ck_lead_us(ck_lead *l, uint64_t now_us);

#endif
