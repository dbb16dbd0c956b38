/* Private to hls*.c. */
#ifndef CK_CORE_M3U8_HLS_INSIDE_H
#define CK_CORE_M3U8_HLS_INSIDE_H

#include "core/m3u8/hls.h"

#define CK_HLS_EVENTS   8
#define CK_HLS_RETRY_US (CK_US_PER_S / 2) /* before something that failed is asked again */

struct ck_hls {
    ck_hls_config config;
    ck_url source;  /* what was asked for */
    ck_url at;      /* where the current playlist came from: what its URIs are relative to */
    ck_url request; /* of the request under way */
    ck_m3u8 master, media, incoming;
    ck_url master_at;
    bool has_master, has_media;
    uint32_t variant;                 /* index in `master` */
    bool tried[CK_M3U8_VARIANTS_MAX]; /* variants whose playlist could not be had */

    uint32_t last_id;
    enum ck_hls_kind kind; /* of the request under way; 0: none */
    bool abandoned;        /* it has timed out and the host does not know yet */
    uint32_t abandoned_id;
    uint64_t silent_at_us;

    bool joined;
    int64_t next_sequence;
    int64_t timeline;             /* of the segment fetched last */
    bool broken;                  /* segments were left out since then */
    char map_uri[CK_URL_MAX + 1]; /* the section in the host's hands */
    ck_m3u8_range map_range;
    bool has_map;
    char key_uri[CK_URL_MAX + 1]; /* the key in the host's hands */
    bool has_key;

    uint64_t buffered_us;
    uint64_t loaded_us; /* when the load of the newest playlist began */
    uint64_t reload_at_us;
    uint64_t retry_at_us; /* nothing is asked before */
    uint32_t failures;    /* of the same thing in a row */
    uint32_t skipped;     /* segments in a row */
    bool any_segment;
    bool over;

    ck_hls_event events[CK_HLS_EVENTS];
    uint32_t event_first, event_count;
};

void ck_hls_tell(ck_hls *h, enum ck_hls_event_kind kind, int status, const char *text);
void ck_hls_fail(ck_hls *h, int status, const char *text); /* once; nothing follows */
bool ck_hls_is_final(int status);                          /* trying again would not help */

/* Resolves a URI into `request`; false: it has failed. */
bool ck_hls_resolve(ck_hls *h, const ck_url *base, const char *uri);
/* The next request is of that kind, for `request`. Always true, for the end of a poll. */
bool ck_hls_begin(ck_hls *h, enum ck_hls_kind kind, ck_hls_get *get, uint64_t now_us);
/* Asks for the segment, or first for a section or a key that it needs; false: it has failed. */
bool ck_hls_ask_segment(ck_hls *h, const ck_m3u8_segment *s, ck_hls_get *get, uint64_t now_us);

/* The request of a playlist has ended; `at`: where it came from. */
void ck_hls_playlist_done(ck_hls *h, int status, const char *text, const ck_url *at,
                          uint64_t now_us);

/* The variant to play: the largest bandwidth among those that this client can play and has not
 * tried. CHALK_OK; CODEC_UNKNOWN or UNSUPPORTED and `why` when there is none, NOT_FOUND when all
 * were tried. */
int ck_hls_choose(const ck_hls *h, uint32_t *variant, const char **why);

/* Where to begin in `media`: a sequence number. */
int64_t ck_hls_join(const ck_m3u8 *media);

#endif
