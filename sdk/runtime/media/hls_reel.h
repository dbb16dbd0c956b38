/*
 * Segments of HLS on their way to the player: those that wait, the one being taken apart, and its
 * packets, which leave at the pace of a live source.
 *
 *     add: segment -> waiting -> current -> packets of each medium --release--> give
 *
 * Bounded: segments by count and bytes, packets by count; what is taken apart is never further
 * ahead of the pace than a second.
 *
 * Thread: the loop's.
 */
#ifndef CK_MEDIA_HLS_REEL_H
#define CK_MEDIA_HLS_REEL_H

#include "base/ring.h"
#include "core/m3u8/hls.h"
#include "core/m3u8/line.h"
#include "runtime/media/codec.h"

enum { CK_REEL_VIDEO, CK_REEL_AUDIO, CK_REEL_MEDIA };

typedef struct ck_hls_segment {
    ck_demuxer *demuxer; /* NULL: none */
    ck_hls_get get;      /* its url is not valid any more */
    size_t size;         /* bytes */
} ck_hls_segment;

typedef struct ck_hls_reel {
    const ck_codec_set *codecs;
    void (*give)(void *user, uint32_t media, const ck_packet *packet); /* borrowed */
    void *user;
    ck_ring waiting; /* of ck_hls_segment */
    size_t waiting_bytes;
    int64_t waiting_us; /* as the playlist says */
    ck_hls_segment current;
    bool current_gave; /* it held something */
    uint32_t bad;      /* segments in a row that did not */
    ck_ring packets[CK_REEL_MEDIA];
    ck_slice configs[CK_REEL_MEDIA]; /* given last */
    ck_hls_line line;
    ck_hls_pace pace;
    int64_t played_us; /* on the line: of the packet that left last */
    uint64_t due_us;   /* of the next; CK_NEVER: there is none */
    bool has_position;
    int64_t position; /* sequence number behind the segment begun last */
    int status;       /* once it is of no use: CODEC_UNKNOWN, BAD_DATA, NO_MEMORY */
    char problem[64]; /* the codec's name, or what is wrong */
} ck_hls_reel;

/* NO_MEMORY. */
int ck_hls_reel_init(ck_hls_reel *r, const ck_codec_set *codecs,
                     void (*give)(void *user, uint32_t media, const ck_packet *packet), void *user);
void ck_hls_reel_free(ck_hls_reel *r);
void ck_hls_segment_drop(const ck_codec_set *codecs, ck_hls_segment *s);

/* Takes a segment whose demuxer has all of it; the caller looked at in_hand before it was asked
 * for. */
void ck_hls_reel_add(ck_hls_reel *r, ck_hls_segment *s);
/* Gives what is due now, and says when the next is. `last`: no segment will come any more. The
 * reel's status. */
int ck_hls_reel_release(ck_hls_reel *r, bool last, uint64_t now_us);
bool ck_hls_reel_is_empty(const ck_hls_reel *r);
/* How much there is to play, in microseconds; CK_NEVER while there is no room for more. */
uint64_t ck_hls_reel_in_hand(const ck_hls_reel *r);

#endif
