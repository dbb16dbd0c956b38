/* Small tags for tests of the hub: real FLV heads, payloads that say what they are. */
#ifndef CK_TESTS_EDGE_TAGS_H
#define CK_TESTS_EDGE_TAGS_H

#include "edge/hub.h"

/* What a test's tag carries behind its FLV head. */
typedef struct tag_mark {
    uint8_t stream;  /* which publisher */
    uint8_t config;  /* version of the sequence header in force */
    uint16_t gop;    /* pictures: which group, sound: 0 */
    uint32_t number; /* pictures: place in the group, 0 is the key frame; sound: counts on */
} tag_mark;

/* One reference, the caller's; data NULL when memory is exhausted. */
ck_flv_tag tag_make(const ck_alloc *alloc, enum ck_media_class class, uint32_t timestamp_ms,
                    tag_mark mark, size_t padding);
/* What a tag that was read is. */
enum ck_media_class tag_class(const ck_flv_tag *tag);
tag_mark tag_read_mark(const ck_flv_tag *tag);

ck_stream_name name_of(const char *path); /* "room/name/screen" */

/* Sends one tag and drops the caller's reference. */
int send_tag(ck_hub_stream *stream, const ck_alloc *alloc, enum ck_media_class class,
             uint32_t timestamp_ms, tag_mark mark, uint64_t now_us);

#endif
