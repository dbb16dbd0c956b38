/* One line of a playlist (RFC 8216 section 4.3). */
#include "core/m3u8/tags.h"

#include "base/check.h"

#include <string.h>

typedef void (*tag_fn)(ck_m3u8 *p, ck_m3u8_span value);

static bool is_yes(ck_m3u8_span value)
{
    return ck_m3u8_span_is(value, "YES");
}

/* --- media segments -------------------------------------------------------------------------- */

/* "DURATION,[TITLE]"; what is no number is taken for the title. */
static void on_extinf(ck_m3u8 *p, ck_m3u8_span value)
{
    size_t digits = 0;
    while (digits < value.size && value.data[digits] != '\0' &&
           strchr("0123456789.", value.data[digits]) != NULL) {
        digits++;
    }
    p->next.duration_us = -1;
    (void)ck_m3u8_seconds((ck_m3u8_span){value.data, digits}, &p->next.duration_us);
    size_t skip = digits + (digits < value.size && value.data[digits] == ',');
    p->next.title = ck_m3u8_keep(p, (ck_m3u8_span){value.data + skip, value.size - skip});
}

static void on_byterange(ck_m3u8 *p, ck_m3u8_span value)
{
    p->next.range.given =
        ck_m3u8_byterange(value, &p->next.range.length, &p->next.has_offset, &p->next.range.offset);
}

static void on_discontinuity(ck_m3u8 *p, ck_m3u8_span value)
{
    (void)value;
    p->next.discontinuity = true;
    p->timeline++;
}

static void on_gap(ck_m3u8 *p, ck_m3u8_span value)
{
    (void)value;
    p->next.gap = true;
}

static void on_date(ck_m3u8 *p, ck_m3u8_span value)
{
    p->next.has_date = ck_m3u8_date(value, &p->next.date_us);
}

static void on_key(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    ck_m3u8_key key = {0};
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "METHOD") && !ck_m3u8_span_is(a.value, "NONE")) {
            key.method = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "URI")) {
            key.uri = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "KEYFORMAT") && !ck_m3u8_span_is(a.value, "identity")) {
            key.format = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "IV")) {
            key.has_iv = ck_m3u8_iv(a.value, key.iv);
        }
    }
    ck_m3u8_key *kept = key.method != 0 ? ck_m3u8_add(p, &p->keys, sizeof *kept) : NULL;
    p->key = 0;
    if (kept != NULL) {
        *kept = key;
        p->key = (uint32_t)(p->keys.size / sizeof *kept);
    }
}

static void on_map(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    ck_m3u8_map map = {.key = p->key};
    bool has_offset = false;
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "URI")) {
            map.uri = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "BYTERANGE")) {
            map.range.given =
                ck_m3u8_byterange(a.value, &map.range.length, &has_offset, &map.range.offset);
        }
    }
    ck_m3u8_map *kept = map.uri != 0 ? ck_m3u8_add(p, &p->maps, sizeof *kept) : NULL;
    p->map = 0;
    if (kept != NULL) {
        *kept = map;
        p->map = (uint32_t)(p->maps.size / sizeof *kept);
    }
}

/* Without an offset a range begins where the one before it in the same resource ended. */
static void place_range(ck_m3u8 *p, ck_m3u8_text uri, ck_m3u8_range *range, bool has_offset)
{
    bool same = strcmp(ck_m3u8_str(p, p->range_uri), ck_m3u8_str(p, uri)) == 0;
    if (range->given && !has_offset) {
        range->offset = same ? p->range_end : 0;
        range->given = range->length <= UINT64_MAX - range->offset;
    }
    p->range_end = range->given ? range->offset + range->length : 0;
    p->range_uri = uri;
}

static void take_segment(ck_m3u8 *p, ck_m3u8_span uri)
{
    uint32_t index = ck_m3u8_segment_count(p);
    ck_m3u8_segment *s = ck_m3u8_add(p, &p->segments, sizeof *s);
    if (s == NULL) {
        return;
    }
    s->uri = ck_m3u8_keep(p, uri);
    s->title = p->next.title;
    s->duration_us = p->next.duration_us;
    if (s->duration_us < 0 && p->has_target) {
        s->duration_us = p->target_us;
    }
    s->sequence = (int64_t)((uint64_t)p->media_sequence + p->skipped + index);
    s->timeline = p->timeline;
    s->range = p->next.range;
    place_range(p, s->uri, &s->range, p->next.has_offset);
    s->discontinuity = p->next.discontinuity;
    s->gap = p->next.gap;
    s->has_date = p->next.has_date;
    s->date_us = p->next.date_us;
    s->key = p->key;
    s->map = p->map;
    s->first_part = p->first_part;
    s->part_count = ck_m3u8_part_count(p) - p->first_part;
    p->first_part += s->part_count;
    p->part_end = 0;
    memset(&p->next, 0, sizeof p->next);
    p->next.duration_us = -1;
}

/* --- the playlist ---------------------------------------------------------------------------- */

static void on_header(ck_m3u8 *p, ck_m3u8_span value)
{
    (void)value;
    p->has_header = true;
}

static void on_version(ck_m3u8 *p, ck_m3u8_span value)
{
    p->has_version = ck_m3u8_u64(value, &p->version);
}

static void on_target(ck_m3u8 *p, ck_m3u8_span value)
{
    int64_t target_us = 0;
    if (ck_m3u8_seconds(value, &target_us) && target_us >= 0) {
        p->has_target = true;
        p->target_us = target_us;
    }
}

static void on_media_sequence(ck_m3u8 *p, ck_m3u8_span value)
{
    int64_t sequence = 0;
    if (ck_m3u8_i64(value, &sequence) && sequence <= CK_M3U8_SEQUENCE_MAX &&
        sequence >= -CK_M3U8_SEQUENCE_MAX) {
        p->media_sequence = sequence;
    }
}

static void on_discontinuity_sequence(ck_m3u8 *p, ck_m3u8_span value)
{
    int64_t sequence = 0;
    if (ck_m3u8_i64(value, &sequence) && sequence <= CK_M3U8_SEQUENCE_MAX &&
        sequence >= -CK_M3U8_SEQUENCE_MAX) {
        p->discontinuity_sequence = sequence;
        p->timeline = sequence;
    }
}

static void on_endlist(ck_m3u8 *p, ck_m3u8_span value)
{
    (void)value;
    p->ended = true;
}

static void on_type(ck_m3u8 *p, ck_m3u8_span value)
{
    p->type = ck_m3u8_span_is(value, "VOD")     ? CK_M3U8_VOD
              : ck_m3u8_span_is(value, "EVENT") ? CK_M3U8_EVENT
                                                : CK_M3U8_LIVE;
}

static void on_iframes_only(ck_m3u8 *p, ck_m3u8_span value)
{
    (void)value;
    p->iframes_only = true;
}

static void on_independent(ck_m3u8 *p, ck_m3u8_span value)
{
    (void)value;
    p->independent_segments = true;
}

static void on_define(ck_m3u8 *p, ck_m3u8_span value)
{
    (void)value;
    p->has_define = true;
}

static void on_start(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "TIME-OFFSET")) {
            p->has_start = ck_m3u8_seconds(a.value, &p->start_us);
        } else if (ck_m3u8_span_is(a.name, "PRECISE")) {
            p->start_precise = is_yes(a.value);
        }
    }
}

/* --- lines ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    tag_fn take;
} tags[] = {
    {"#EXTM3U", on_header},
    {"#EXTINF", on_extinf},
    {"#EXT-X-VERSION", on_version},
    {"#EXT-X-BYTERANGE", on_byterange},
    {"#EXT-X-DISCONTINUITY", on_discontinuity},
    {"#EXT-X-KEY", on_key},
    {"#EXT-X-MAP", on_map},
    {"#EXT-X-PROGRAM-DATE-TIME", on_date},
    {"#EXT-X-GAP", on_gap},
    {"#EXT-X-TARGETDURATION", on_target},
    {"#EXT-X-MEDIA-SEQUENCE", on_media_sequence},
    {"#EXT-X-DISCONTINUITY-SEQUENCE", on_discontinuity_sequence},
    {"#EXT-X-ENDLIST", on_endlist},
    {"#EXT-X-PLAYLIST-TYPE", on_type},
    {"#EXT-X-I-FRAMES-ONLY", on_iframes_only},
    {"#EXT-X-INDEPENDENT-SEGMENTS", on_independent},
    {"#EXT-X-START", on_start},
    {"#EXT-X-DEFINE", on_define},
    {"#EXT-X-MEDIA", ck_m3u8_on_media},
    {"#EXT-X-STREAM-INF", ck_m3u8_on_stream_inf},
    {"#EXT-X-I-FRAME-STREAM-INF", ck_m3u8_on_iframe_stream_inf},
    {"#EXT-X-SERVER-CONTROL", ck_m3u8_on_server_control},
    {"#EXT-X-PART-INF", ck_m3u8_on_part_inf},
    {"#EXT-X-PART", ck_m3u8_on_part},
    {"#EXT-X-PRELOAD-HINT", ck_m3u8_on_hint},
    {"#EXT-X-RENDITION-REPORT", ck_m3u8_on_report},
    {"#EXT-X-SKIP", ck_m3u8_on_skip},
};

static void take_tag(ck_m3u8 *p, ck_m3u8_span line)
{
    const char *colon = memchr(line.data, ':', line.size);
    ck_m3u8_span name = {line.data, colon != NULL ? (size_t)(colon - line.data) : line.size};
    size_t skip = name.size + (colon != NULL);
    for (size_t i = 0; i < CK_COUNT_OF(tags); i++) {
        if (ck_m3u8_span_is(name, tags[i].name)) {
            tags[i].take(p, (ck_m3u8_span){line.data + skip, line.size - skip});
            return;
        }
    }
}

void ck_m3u8_take_line(ck_m3u8 *p, ck_m3u8_span line)
{
    if (line.data[0] == '#') {
        take_tag(p, line);
    } else if (p->next.has_variant) {
        p->next.has_variant = false;
        p->next.variant.uri = ck_m3u8_keep(p, line);
        ck_m3u8_add_variant(p, &p->next.variant);
    } else {
        take_segment(p, line);
    }
}
