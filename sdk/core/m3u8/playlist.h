/*
 * Playlists of HTTP Live Streaming (RFC 8216; low-latency tags: draft-pantos-hls-rfc8216bis), read
 * incrementally.
 *
 *     ck_m3u8_init(&playlist, alloc);
 *     ck_m3u8_feed(&playlist, bytes, size);   ... any split gives the same
 *     status = ck_m3u8_end(&playlist);
 *     status = ck_m3u8_check(&playlist);      what a client must refuse
 *
 * Reading is lenient, as players are: a value that cannot be understood is as if it were not there,
 * an unknown tag is passed over. What makes a playlist useless is said by ck_m3u8_check. Nothing is
 * resolved: a URI is what stands there.
 *
 * Texts are kept in one buffer and named by their offset in it; 0 is "not given".
 */
#ifndef CK_CORE_M3U8_PLAYLIST_H
#define CK_CORE_M3U8_PLAYLIST_H

#include "base/bytes.h"
#include "core/m3u8/attributes.h"

/* Limits; above any of them: CHALK_ERR_TOO_LARGE. */
#define CK_M3U8_BYTES_MAX      (4u << 20) /* of a playlist */
#define CK_M3U8_LINE_MAX       8192u
#define CK_M3U8_SEGMENTS_MAX   20000u
#define CK_M3U8_PARTS_MAX      20000u
#define CK_M3U8_VARIANTS_MAX   256u
#define CK_M3U8_RENDITIONS_MAX 512u
#define CK_M3U8_KEYS_MAX       4096u
#define CK_M3U8_MAPS_MAX       4096u
#define CK_M3U8_HINTS_MAX      64u

typedef uint32_t ck_m3u8_text; /* see ck_m3u8_str */

typedef struct ck_m3u8_range {
    bool given;
    uint64_t offset; /* bytes */
    uint64_t length;
} ck_m3u8_range;

typedef struct ck_m3u8_key { /* section 4.3.2.4 */
    ck_m3u8_text method;     /* "AES-128", ... */
    ck_m3u8_text uri;
    ck_m3u8_text format; /* KEYFORMAT; 0: the key itself */
    bool has_iv;
    uint8_t iv[16];
} ck_m3u8_key;

typedef struct ck_m3u8_map { /* 4.3.2.5 */
    ck_m3u8_text uri;
    ck_m3u8_range range;
    uint32_t key; /* as in a segment */
} ck_m3u8_map;

typedef struct ck_m3u8_part { /* bis 4.4.4.9 */
    ck_m3u8_text uri;
    int64_t duration_us;
    ck_m3u8_range range;
    bool independent;
    bool gap;
} ck_m3u8_part;

typedef struct ck_m3u8_segment {
    ck_m3u8_text uri;
    ck_m3u8_text title;
    int64_t duration_us; /* the target's where EXTINF does not say; -1: nor is that known */
    int64_t sequence;    /* 4.3.3.2 */
    int64_t timeline;    /* discontinuity sequence, 4.3.3.3 */
    ck_m3u8_range range;
    bool discontinuity;
    bool gap;        /* bis 4.4.4.7 */
    bool has_date;   /* PROGRAM-DATE-TIME stands at this segment */
    int64_t date_us; /* since 1970 */
    uint32_t key;    /* index + 1 of what it is encrypted with; 0: nothing */
    uint32_t map;    /* index + 1 of its initialisation section; 0: none */
    uint32_t first_part;
    uint32_t part_count;
} ck_m3u8_segment;

typedef struct ck_m3u8_variant { /* 4.3.4.2 and 4.3.4.3 */
    ck_m3u8_text uri;
    ck_m3u8_text codecs;
    ck_m3u8_text audio; /* group of renditions */
    ck_m3u8_text video;
    uint64_t bandwidth; /* bit/s; 0: not given */
    uint64_t average_bandwidth;
    uint32_t width, height; /* 0: not given */
    bool iframes_only;      /* EXT-X-I-FRAME-STREAM-INF */
} ck_m3u8_variant;

typedef struct ck_m3u8_rendition { /* 4.3.4.1 */
    ck_m3u8_text type;             /* "AUDIO", ... */
    ck_m3u8_text group;
    ck_m3u8_text name;
    ck_m3u8_text language;
    ck_m3u8_text uri; /* 0: in the variant's own segments */
    bool is_default;
    bool autoselect;
} ck_m3u8_rendition;

typedef struct ck_m3u8_hint { /* bis 4.4.5.3 */
    ck_m3u8_text type;        /* "PART", "MAP" */
    ck_m3u8_text uri;
    uint64_t offset;
    uint64_t length; /* 0: up to the end */
} ck_m3u8_hint;

typedef struct ck_m3u8_report { /* bis 4.4.5.4 */
    ck_m3u8_text uri;
    uint64_t last_sequence;
    uint64_t last_part;
} ck_m3u8_report;

enum ck_m3u8_type {
    CK_M3U8_LIVE = 0, /* no PLAYLIST-TYPE, or an unknown one */
    CK_M3U8_EVENT,
    CK_M3U8_VOD,
};

typedef struct ck_m3u8 {
    bool has_header; /* #EXTM3U */
    bool has_version;
    uint64_t version;
    bool has_target;
    int64_t target_us; /* the last one given */
    int64_t media_sequence;
    int64_t discontinuity_sequence;
    enum ck_m3u8_type type;
    bool ended; /* EXT-X-ENDLIST */
    bool iframes_only;
    bool independent_segments;
    bool has_define; /* variables are used, which are not substituted */
    bool has_start;
    bool start_precise;
    int64_t start_us; /* EXT-X-START; below 0: from the end */
    uint64_t skipped; /* segments left out of a delta update */
    /* EXT-X-SERVER-CONTROL and EXT-X-PART-INF; 0: not given. */
    bool can_block_reload;
    int64_t hold_back_us;
    int64_t part_hold_back_us;
    int64_t can_skip_until_us;
    int64_t part_target_us;
    const char *problem; /* after ck_m3u8_check */

    /* Private: the lists, read through the functions below. */
    ck_buf texts, line;
    ck_buf segments, parts, variants, renditions, keys, maps, hints, reports;
    uint32_t bytes;
    int status;
    struct { /* what the next URI will have */
        int64_t duration_us;
        ck_m3u8_text title;
        ck_m3u8_range range;
        bool discontinuity, gap, has_date, has_offset, has_variant;
        int64_t date_us;
        ck_m3u8_variant variant;
    } next;
    uint32_t key, map; /* in force */
    int64_t timeline;
    uint32_t first_part; /* of the segment that comes */
    uint64_t range_end, part_end;
    ck_m3u8_text range_uri;
} ck_m3u8;

void ck_m3u8_init(ck_m3u8 *p, const ck_alloc *alloc);
void ck_m3u8_free(ck_m3u8 *p);
/* CHALK_OK, CHALK_ERR_NO_MEMORY, CHALK_ERR_TOO_LARGE; an error stays. */
int ck_m3u8_feed(ck_m3u8 *p, const void *data, size_t size);
/* The last line need not be ended. The same errors. Nothing is fed afterwards. */
int ck_m3u8_end(ck_m3u8 *p);
/* Whether a client may use it: CHALK_OK; CHALK_ERR_BAD_DATA (no #EXTM3U, neither segments nor
 * variants nor a target duration, both kinds in one, a live one without target duration);
 * CHALK_ERR_UNSUPPORTED (variables). `problem` says it in words. */
int ck_m3u8_check(ck_m3u8 *p);

bool ck_m3u8_is_master(const ck_m3u8 *p);
const char *ck_m3u8_str(const ck_m3u8 *p, ck_m3u8_text text); /* "" for 0; valid until _free */

uint32_t ck_m3u8_segment_count(const ck_m3u8 *p);
const ck_m3u8_segment *ck_m3u8_segment_at(const ck_m3u8 *p, uint32_t index);
uint32_t ck_m3u8_part_count(const ck_m3u8 *p); /* those behind the last segment included */
const ck_m3u8_part *ck_m3u8_part_at(const ck_m3u8 *p, uint32_t index);
uint32_t ck_m3u8_variant_count(const ck_m3u8 *p);
const ck_m3u8_variant *ck_m3u8_variant_at(const ck_m3u8 *p, uint32_t index);
uint32_t ck_m3u8_rendition_count(const ck_m3u8 *p);
const ck_m3u8_rendition *ck_m3u8_rendition_at(const ck_m3u8 *p, uint32_t index);
uint32_t ck_m3u8_hint_count(const ck_m3u8 *p);
const ck_m3u8_hint *ck_m3u8_hint_at(const ck_m3u8 *p, uint32_t index);
uint32_t ck_m3u8_report_count(const ck_m3u8 *p);
const ck_m3u8_report *ck_m3u8_report_at(const ck_m3u8 *p, uint32_t index);
const ck_m3u8_key *ck_m3u8_key_of(const ck_m3u8 *p, uint32_t key); /* as in a segment; NULL for 0 */
const ck_m3u8_map *ck_m3u8_map_of(const ck_m3u8 *p, uint32_t map);

/* Private to playlist.c and tags.c. */
void ck_m3u8_take_line(ck_m3u8 *p, ck_m3u8_span line);
/* A copy among the texts; 0 for an empty one, or when it failed. */
ck_m3u8_text ck_m3u8_keep(ck_m3u8 *p, ck_m3u8_span text);
/* A zeroed item at the end of a list; NULL and `status` set when it is full. */
void *ck_m3u8_add(ck_m3u8 *p, ck_buf *list, size_t size);

#endif
