/*
 * A courier carries packets from the threads that make them to one of its own, through a bounded
 * queue (packet_queue.h): for receivers that may block, such as a disk or an application's
 * callback.
 *
 * Thread: any; destroy not from the courier's own.
 */
#ifndef CK_MEDIA_COURIER_H
#define CK_MEDIA_COURIER_H

#include "runtime/media/packet.h"

#include <stdint.h>

#define CK_COURIER_PACKETS 2048
#define CK_COURIER_BYTES   (64u << 20)

typedef struct ck_courier ck_courier;

typedef struct ck_courier_host {
    /* Both on the courier's thread. `packet` is borrowed; a status < 0 ends the courier. */
    int (*deliver)(void *user, uint32_t media, const ck_packet *packet);
    /* Once, the last call: status is CHALK_OK after ck_courier_finish, else deliver's. */
    void (*ended)(void *user, int status);
    void *user;
} ck_courier_host;

int ck_courier_create(const char *thread_name, const ck_courier_host *host, ck_courier **out);
void ck_courier_put(ck_courier *c, uint32_t media, const ck_packet *packet); /* own reference */
/* No more packets: what waits is delivered, then `ended` comes. Does not wait. */
void ck_courier_finish(ck_courier *c);
uint64_t ck_courier_dropped(ck_courier *c); /* packets */
void ck_courier_destroy(ck_courier **c);    /* finishes, waits for the thread */

#endif
