/*
 * FLV bytes to tags (Adobe FLV 10.1, annex E.2 to E.4), for files and HTTP-FLV.
 *
 *     ck_flv_demux d;
 *     ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = alloc});
 *     status = ck_flv_demux_feed(&d, bytes, size);      // borrows `bytes`
 *     while ((status = ck_flv_demux_poll_tag(&d, &tag)) == CHALK_OK) {
 *         use(&tag);
 *         ck_slice_unref(&tag.body);
 *     }
 *     // CHALK_ERR_AGAIN: all was consumed, feed more. Any other error is final.
 *
 * There is no queue: a tag is made when it is polled, so memory is one body, at most `body_max`.
 * Any split of the input gives the same tags.
 *
 * Tolerated: wrong PreviousTagSize fields (counted), data between the file header and the first
 * tag, unknown tag types (skipped and counted; two signs of damage at once, an unknown type and a
 * wrong size behind it, end the stream), a stream id that is not 0.
 */
#ifndef CK_CORE_FLV_DEMUX_H
#define CK_CORE_FLV_DEMUX_H

#include "base/bytes.h"
#include "core/flv/tag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_FLV_BODY_MAX_DEFAULT (16u << 20)
#define CK_FLV_FILE_HEAD_MAX    1024u /* bytes that a file header may claim (DataOffset) */

typedef struct ck_flv_demux_config {
    const ck_alloc *alloc; /* must outlive every tag */
    uint32_t body_max;     /* bytes of one body; 0: CK_FLV_BODY_MAX_DEFAULT; below 2^24 */
    uint32_t body_keep;    /* a longer body is cut after so many bytes; 0: all are whole */
} ck_flv_demux_config;

/* All fields are private but the two counters and the flags. */
typedef struct ck_flv_demux {
    ck_flv_demux_config config;
    ck_reader input;  /* borrowed from feed */
    uint8_t part[13]; /* a header or trailer that arrives in pieces */
    uint8_t have;     /* bytes in `part` */
    uint8_t state;
    int status;
    uint32_t skip_left;
    ck_flv_tag tag;
    uint32_t body_size;
    uint32_t body_have;
    bool has_audio; /* as the file header says, which is often wrong */
    bool has_video;
    uint64_t wrong_trailers;
    uint64_t skipped_tags;
} ck_flv_demux;

void ck_flv_demux_init(ck_flv_demux *d, const ck_flv_demux_config *config);
void ck_flv_demux_free(ck_flv_demux *d);

/* Gives `size` bytes, borrowed until poll_tag returns anything but CHALK_OK. CHALK_ERR_BAD_STATE
 * when the bytes before were not all polled; the final error when there was one. */
int ck_flv_demux_feed(ck_flv_demux *d, const void *data, size_t size);

/* CHALK_OK: `tag` holds one reference to its body, the caller's to drop. CHALK_ERR_AGAIN: feed
 * more. Final: CHALK_ERR_BAD_DATA (no FLV header, damage), CHALK_ERR_TOO_LARGE (a body above
 * the limit), CHALK_ERR_CODEC_UNKNOWN (an encrypted tag), CHALK_ERR_NO_MEMORY. */
int ck_flv_demux_poll_tag(ck_flv_demux *d, ck_flv_tag *tag);

/* At the end of a file or connection: false when it was cut within a tag. */
bool ck_flv_demux_is_between_tags(const ck_flv_demux *d);

#endif
