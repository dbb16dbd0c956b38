/*
 * A stream that was made beforehand, in memory, and what sends it in real time. A prepared stream
 * never changes, so any number of senders share one (reference-counted, any thread).
 */
#ifndef CK_MEDIA_PREPARED_H
#define CK_MEDIA_PREPARED_H

#include "runtime/media/packet.h"
#include "runtime/net/loop.h"

#define CK_PREPARED_BYTES   (256u << 20) /* of a file */
#define CK_PREPARED_PACKETS 1000000u

typedef struct ck_prepared ck_prepared;

/* Reads an FLV file with H.264 or VP8, AAC or Opus. NOT_FOUND, NO_PERMISSION, IO (it cannot be
 * read), TOO_LARGE, BAD_DATA (no FLV file, or damaged), CODEC_UNKNOWN, NO_MEDIA (no picture and no
 * sound, or no key frame), NO_MEMORY. */
int ck_prepared_load(const char *path, ck_prepared **out);
void ck_prepared_ref(ck_prepared *p);
void ck_prepared_unref(ck_prepared **p);                          /* NULL inside is accepted */
uint32_t ck_prepared_codec(const ck_prepared *p, uint32_t media); /* 0: it has none of it */

/* Sends it over and over, each packet when it is due, on one time line that begins at 0. The loop's
 * thread, `packet` is called there. */
typedef struct ck_pacer ck_pacer;
typedef struct ck_pacer_host {
    void (*packet)(void *user, uint32_t media, const ck_packet *packet); /* borrowed */
    void *user;
} ck_pacer_host;

int ck_pacer_create(ck_loop *loop, ck_prepared *prepared, const ck_pacer_host *host,
                    ck_pacer **out);     /* takes a reference of its own; NO_MEMORY, CANCELLED */
void ck_pacer_destroy(ck_pacer **pacer); /* NULL inside is accepted */

#endif
