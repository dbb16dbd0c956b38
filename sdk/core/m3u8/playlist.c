#include "core/m3u8/playlist.h"

#include "chalkrail/errors.h"

#include <string.h>

static void init_list(ck_buf *list, const ck_alloc *alloc, size_t size, size_t count_max)
{
    ck_buf_init(list, alloc, size * count_max);
}

void ck_m3u8_init(ck_m3u8 *p, const ck_alloc *alloc)
{
    memset(p, 0, sizeof *p);
    p->next.duration_us = -1;
    ck_buf_init(&p->line, alloc, CK_M3U8_LINE_MAX);
    ck_buf_init(&p->texts, alloc, 2 * CK_M3U8_BYTES_MAX);
    init_list(&p->segments, alloc, sizeof(ck_m3u8_segment), CK_M3U8_SEGMENTS_MAX);
    init_list(&p->parts, alloc, sizeof(ck_m3u8_part), CK_M3U8_PARTS_MAX);
    init_list(&p->variants, alloc, sizeof(ck_m3u8_variant), CK_M3U8_VARIANTS_MAX);
    init_list(&p->renditions, alloc, sizeof(ck_m3u8_rendition), CK_M3U8_RENDITIONS_MAX);
    init_list(&p->keys, alloc, sizeof(ck_m3u8_key), CK_M3U8_KEYS_MAX);
    init_list(&p->maps, alloc, sizeof(ck_m3u8_map), CK_M3U8_MAPS_MAX);
    init_list(&p->hints, alloc, sizeof(ck_m3u8_hint), CK_M3U8_HINTS_MAX);
    init_list(&p->reports, alloc, sizeof(ck_m3u8_report), CK_M3U8_HINTS_MAX);
}

void ck_m3u8_free(ck_m3u8 *p)
{
    ck_buf *const lists[] = {&p->line, &p->texts,      &p->segments, &p->parts, &p->variants,
                             &p->keys, &p->renditions, &p->maps,     &p->hints, &p->reports};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        ck_buf_free(lists[i]);
    }
}

/* --- for tags.c ------------------------------------------------------------------------------ */

static void fail(ck_m3u8 *p, const ck_buf *b)
{
    if (p->status == CHALK_OK) {
        p->status = ck_buf_status(b);
    }
}

ck_m3u8_text ck_m3u8_keep(ck_m3u8 *p, ck_m3u8_span text)
{
    if (text.size == 0) {
        return 0;
    }
    if (p->texts.size == 0) {
        ck_buf_put_u8(&p->texts, 0); /* so that no text has offset 0 */
    }
    size_t at = p->texts.size;
    ck_buf_put(&p->texts, text.data, text.size);
    ck_buf_put_u8(&p->texts, 0);
    fail(p, &p->texts);
    return p->texts.failed ? 0 : (ck_m3u8_text)at;
}

void *ck_m3u8_add(ck_m3u8 *p, ck_buf *list, size_t size)
{
    void *item = ck_buf_extend(list, size);
    if (item == NULL) {
        fail(p, list);
        return NULL;
    }
    memset(item, 0, size);
    return item;
}

/* --- in -------------------------------------------------------------------------------------- */

static void end_line(ck_m3u8 *p)
{
    size_t size = p->line.size;
    const char *text = (const char *)p->line.data;
    while (size > 0 &&
           (text[size - 1] == '\r' || text[size - 1] == ' ' || text[size - 1] == '\t')) {
        size--;
    }
    if (size > 0) {
        ck_m3u8_take_line(p, (ck_m3u8_span){text, size});
    }
    ck_buf_clear(&p->line);
}

int ck_m3u8_feed(ck_m3u8 *p, const void *data, size_t size)
{
    const uint8_t *at = data;
    if (p->status == CHALK_OK && size > CK_M3U8_BYTES_MAX - p->bytes) {
        p->status = CHALK_ERR_TOO_LARGE;
    }
    while (size > 0 && p->status == CHALK_OK) {
        const uint8_t *newline = memchr(at, '\n', size);
        size_t piece = newline != NULL ? (size_t)(newline - at) : size;
        p->bytes += (uint32_t)piece + (newline != NULL);
        ck_buf_put(&p->line, at, piece);
        fail(p, &p->line);
        if (p->status == CHALK_OK && newline != NULL) {
            end_line(p);
        }
        size_t used = piece + (newline != NULL);
        at += used;
        size -= used;
    }
    return p->status;
}

int ck_m3u8_end(ck_m3u8 *p)
{
    if (p->status == CHALK_OK) {
        end_line(p);
    }
    return p->status;
}

static int refuse(ck_m3u8 *p, int status, const char *problem)
{
    p->problem = problem;
    return status;
}

int ck_m3u8_check(ck_m3u8 *p)
{
    bool media = ck_m3u8_segment_count(p) > 0 || ck_m3u8_part_count(p) > 0 || p->has_target;
    bool master = ck_m3u8_variant_count(p) > 0;
    p->problem = NULL;
    if (p->status < 0) {
        return refuse(p, p->status, "the playlist is too large");
    }
    if (!p->has_header) {
        return refuse(p, CHALK_ERR_BAD_DATA, "the answer is no playlist: it lacks #EXTM3U");
    }
    if (p->has_define) {
        return refuse(p, CHALK_ERR_UNSUPPORTED, "the playlist uses variables (EXT-X-DEFINE)");
    }
    if (!media && !master) {
        return refuse(p, CHALK_ERR_BAD_DATA, "the playlist is empty");
    }
    if (ck_m3u8_segment_count(p) > 0 && master) {
        return refuse(p, CHALK_ERR_BAD_DATA, "the playlist has both segments and variants");
    }
    if (!master && !p->ended && (!p->has_target || p->target_us <= 0)) {
        return refuse(p, CHALK_ERR_BAD_DATA, "the playlist has no target duration");
    }
    return CHALK_OK;
}

/* --- out ------------------------------------------------------------------------------------- */

bool ck_m3u8_is_master(const ck_m3u8 *p)
{
    return p->variants.size > 0;
}

const char *ck_m3u8_str(const ck_m3u8 *p, ck_m3u8_text text)
{
    return text != 0 && text < p->texts.size ? (const char *)p->texts.data + text : "";
}

/* The lists hold items of one size from their beginning, where the allocator aligned them. */
#define LIST(type, name, list)                                                                     \
    uint32_t ck_m3u8_##name##_count(const ck_m3u8 *p)                                              \
    {                                                                                              \
        return (uint32_t)(p->list.size / sizeof(type));                                            \
    }                                                                                              \
    const type *ck_m3u8_##name##_at(const ck_m3u8 *p, uint32_t index)                              \
    {                                                                                              \
        return index < ck_m3u8_##name##_count(p)                                                   \
                   ? (const type *)(const void *)p->list.data + index                              \
                   : NULL;                                                                         \
    }

LIST(ck_m3u8_segment, segment, segments)
LIST(ck_m3u8_part, part, parts)
LIST(ck_m3u8_variant, variant, variants)
LIST(ck_m3u8_rendition, rendition, renditions)
LIST(ck_m3u8_hint, hint, hints)
LIST(ck_m3u8_report, report, reports)

const ck_m3u8_key *ck_m3u8_key_of(const ck_m3u8 *p, uint32_t key)
{
    return key > 0 ? (const ck_m3u8_key *)(const void *)p->keys.data + (key - 1) : NULL;
}

const ck_m3u8_map *ck_m3u8_map_of(const ck_m3u8 *p, uint32_t map)
{
    return map > 0 ? (const ck_m3u8_map *)(const void *)p->maps.data + (map - 1) : NULL;
}
