/* Playlists from servers: two splits give the same, and every index and text can be followed. */
#include "chalkrail/errors.h"
#include "core/m3u8/playlist.h"
#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t touched;

static void touch(const ck_m3u8 *p, ck_m3u8_text text)
{
    touched += strlen(ck_m3u8_str(p, text));
}

static void walk(const ck_m3u8 *p)
{
    for (uint32_t i = 0; i < ck_m3u8_segment_count(p); i++) {
        const ck_m3u8_segment *s = ck_m3u8_segment_at(p, i);
        const ck_m3u8_map *map = ck_m3u8_map_of(p, s->map);
        const ck_m3u8_key *key = ck_m3u8_key_of(p, s->key);
        touch(p, s->uri);
        touch(p, s->title);
        touch(p, map != NULL ? map->uri : 0);
        touch(p, key != NULL ? key->method : 0);
        bool parts = s->first_part + s->part_count <= ck_m3u8_part_count(p);
        bool range = s->range.offset <= UINT64_MAX - s->range.length;
        if (!parts || (s->range.given && (!range || s->range.length == 0)) || s->uri == 0) {
            abort();
        }
    }
    for (uint32_t i = 0; i < ck_m3u8_variant_count(p); i++) {
        touch(p, ck_m3u8_variant_at(p, i)->uri);
        touch(p, ck_m3u8_variant_at(p, i)->codecs);
    }
    for (uint32_t i = 0; i < ck_m3u8_part_count(p); i++) {
        touch(p, ck_m3u8_part_at(p, i)->uri);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_m3u8 whole, pieces;
    ck_m3u8_init(&whole, &ck_test_heap);
    ck_m3u8_init(&pieces, &ck_test_heap);
    (void)ck_m3u8_feed(&whole, data, size);
    for (size_t i = 0; i < size; i++) {
        (void)ck_m3u8_feed(&pieces, data + i, 1);
    }
    int status = ck_m3u8_end(&whole);
    if (ck_m3u8_end(&pieces) != status ||
        (status == CHALK_OK &&
         (whole.segments.size != pieces.segments.size || whole.texts.size != pieces.texts.size))) {
        abort();
    }
    status = ck_m3u8_check(&whole);
    if ((status == CHALK_OK) != (whole.problem == NULL)) {
        abort();
    }
    walk(&whole);
    ck_m3u8_free(&whole);
    ck_m3u8_free(&pieces);
    return 0;
}
