/*
 * Fragmented MP4 of HLS (ISO/IEC 14496-12, RFC 8216 section 3.3) made safe for a demuxer that
 * allocates and reads what boxes claim.
 *
 *     status = ck_mp4_prune(bytes, &size, &fault);    // in place; then a demuxer may have them
 *
 * The boxes that playing needs are listed with where they may stand. Whatever else is there becomes
 * a box of type `skip`, which demuxers pass over. What is listed is measured: sizes, counts, how
 * many samples and how many bytes they are said to have. Fields that would make a demuxer read
 * another layout (QuickTime's) are set to what the standard says.
 *
 * Sample tables of the movie box are skipped too: in HLS they are empty, samples are in fragments.
 */
#ifndef CK_CORE_MP4_PRUNE_H
#define CK_CORE_MP4_PRUNE_H

#include <stddef.h>
#include <stdint.h>

/* Limits; above any of them: CHALK_ERR_TOO_LARGE. */
#define CK_MP4_MOVIE_MAX     (1u << 20)  /* bytes of the movie box */
#define CK_MP4_TRACKS_MAX    8u          /* of any kind */
#define CK_MP4_ENTRIES_MAX   8u          /* sample descriptions of a track */
#define CK_MP4_FRAGMENTS_MAX 4096u       /* movie fragments */
#define CK_MP4_SAMPLES_MAX   32768u      /* in all fragments */
#define CK_MP4_PAYLOAD_MAX   (32u << 20) /* bytes of those */

typedef struct ck_mp4_fault {
    char box[5];      /* its type, for people */
    const char *text; /* what is wrong with it; NULL: nothing */
} ck_mp4_fault;

/* `*size`: bytes of `data`; afterwards how many of them a demuxer is to see: a last box that is cut
 * short is left out, media data that are cut end where they do. `fault` is always set.
 *
 * CHALK_OK; CHALK_ERR_BAD_DATA (boxes that leave the one they are in, are too short or count more
 * than they hold; no movie box, no fragment); CHALK_ERR_TOO_LARGE; CHALK_ERR_UNSUPPORTED (encrypted
 * samples). Some boxes may have been changed then. */
int ck_mp4_prune(uint8_t *data, size_t *size, ck_mp4_fault *fault);

#endif
