/*
 * How long an Opus packet is, without decoding it (RFC 6716, 3.1 and 3.2).
 */
#ifndef CK_CORE_OPUS_PACKET_H
#define CK_CORE_OPUS_PACKET_H

#include <stddef.h>
#include <stdint.h>

#define CK_OPUS_SAMPLES_MAX 5760u /* 120 ms at 48 kHz, the longest packet */

/* Samples per channel at 48 kHz, 120 to CK_OPUS_SAMPLES_MAX. CHALK_ERR_BAD_DATA for an empty
 * packet, none or more than 120 ms of frames, or two equal frames of an odd size. */
int ck_opus_packet_samples(const void *data, size_t size, uint32_t *samples);

#endif
