/*
 * Playlists collected by others with what another parser makes of them (proto/m3u8 of the test
 * data). Where they are absent a playlist of our own with the same kinds of lines takes their
 * place, so that the comparison itself is always run.
 */
#include "base/check.h"
#include "base/text.h"
#include "core/m3u8/playlist.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/data.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const names[] = {
    "alternateVideo",
    "brightcove",
    "diff-init-key",
    "disc-sequence",
    "discontinuity",
    "domainUris",
    "emptyAllowCache",
    "emptyMediaSequence",
    "emptyPlaylistType",
    "emptyTargetDuration",
    "event",
    "extXPlaylistTypeInvalidPlaylist",
    "extinf",
    "headerOnly",
    "iFramePlaylist",
    "invalidAllowCache",
    "invalidPlaylistType",
    "liveMissingSegmentDuration",
    "llhls-delta-byte-range",
    "manifestExtTTargetdurationNegative",
    "manifestExtXEndlistEarly",
    "media",
    "missingExtinf",
    "missingSegmentDuration",
    "multipleAudioGroups",
    "multipleTargetDurations",
    "negativeMediaSequence",
    "start",
    "streamInfInvalid",
    "twoMediaSequences",
    "versionInvalid",
    "zeroDuration",
};

/* --- one expected member against one of ours; the name says where it failed ------------------- */

static const char *current;

static void same_number(const char *what, const cJSON *expected, double ours)
{
    double wanted = expected != NULL ? expected->valuedouble : 0;
    double distance = wanted > ours ? wanted - ours : ours - wanted;
    if (!(distance < 1e-6)) {
        CK_FAIL("%s: %s is %f, expected %f", current, what, ours, wanted);
    }
}

static void same_text(const char *what, const cJSON *expected, const char *ours)
{
    const char *wanted = cJSON_IsString(expected) ? expected->valuestring : "";
    if (strcmp(wanted, ours) != 0) {
        CK_FAIL("%s: %s is \"%s\", expected \"%s\"", current, what, ours, wanted);
    }
}

static const cJSON *get(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void same_range(const cJSON *item, const ck_m3u8_range *range)
{
    const cJSON *expected = get(item, "byterange");
    same_number("a range", get(expected, "length"), range->given ? (double)range->length : 0);
    same_number("its offset", get(expected, "offset"), range->given ? (double)range->offset : 0);
}

static void same_key(const ck_m3u8 *p, const cJSON *item, uint32_t key)
{
    const cJSON *expected = get(item, "key");
    const ck_m3u8_key *ours = ck_m3u8_key_of(p, key);
    static const char *const words[] = {"0", "1", "2", "3"};
    same_text("a method", get(expected, "method"),
              ours != NULL ? ck_m3u8_str(p, ours->method) : "");
    same_text("a key", get(expected, "uri"), ours != NULL ? ck_m3u8_str(p, ours->uri) : "");
    const cJSON *iv = get(expected, "iv");
    for (size_t i = 0; i < CK_COUNT_OF(words) && ours != NULL; i++) {
        same_number("an IV", get(iv, words[i]), ck_load_be32(ours->iv + 4 * i));
    }
}

static void same_parts(const ck_m3u8 *p, const cJSON *item, uint32_t first, uint32_t count)
{
    const cJSON *expected = get(item, "parts");
    same_number("the count of parts", NULL, (double)cJSON_GetArraySize(expected) - count);
    for (uint32_t i = 0; i < count; i++) {
        const cJSON *part = cJSON_GetArrayItem(expected, (int)i);
        const ck_m3u8_part *ours = ck_m3u8_part_at(p, first + i);
        same_number("a part", get(part, "duration"), (double)ours->duration_us / 1e6);
        same_text("its URI", get(part, "uri"), ck_m3u8_str(p, ours->uri));
        same_range(part, &ours->range);
    }
}

static void same_segment(const ck_m3u8 *p, const cJSON *item, const ck_m3u8_segment *s)
{
    const ck_m3u8_map *map = ck_m3u8_map_of(p, s->map);
    const cJSON *expected_map = get(item, "map");
    double duration = s->duration_us < 0 ? 0 : (double)s->duration_us / 1e6;
    /* The other parser stretches a duration of 0 to 0.01. */
    duration = s->duration_us == 0 ? 0.01 : duration;
    same_number("a duration", get(item, "duration"), duration);
    same_text("a URI", get(item, "uri"), ck_m3u8_str(p, s->uri));
    same_text("a title", get(item, "title"), ck_m3u8_str(p, s->title));
    same_number("a timeline", get(item, "timeline"), (double)s->timeline);
    same_number("a discontinuity", NULL,
                cJSON_IsTrue(get(item, "discontinuity")) - s->discontinuity);
    same_range(item, &s->range);
    same_key(p, item, s->key);
    same_text("a map", get(expected_map, "uri"), map != NULL ? ck_m3u8_str(p, map->uri) : "");
    same_key(p, expected_map, map != NULL ? map->key : 0);
    same_parts(p, item, s->first_part, s->part_count);
}

static void same_variant(const ck_m3u8 *p, const cJSON *item, const ck_m3u8_variant *v)
{
    const cJSON *attributes = get(item, "attributes");
    const cJSON *resolution = get(attributes, "RESOLUTION");
    const cJSON *average = get(attributes, "AVERAGE-BANDWIDTH");
    uint64_t average_wanted = 0;
    same_text("a variant", get(item, "uri"), ck_m3u8_str(p, v->uri));
    same_number("its bandwidth", get(attributes, "BANDWIDTH"), (double)v->bandwidth);
    if (cJSON_IsString(average)) { /* a text there, in variants; a number in key-frame lists */
        (void)ck_text_u64(average->valuestring, UINT64_MAX, &average_wanted);
    } else if (average != NULL) {
        average_wanted = (uint64_t)average->valuedouble;
    }
    same_number("its average", NULL, (double)average_wanted - (double)v->average_bandwidth);
    same_number("its width", get(resolution, "width"), v->width);
    same_number("its height", get(resolution, "height"), v->height);
    same_text("its codecs", get(attributes, "CODECS"), ck_m3u8_str(p, v->codecs));
    same_text("its sound", get(attributes, "AUDIO"), ck_m3u8_str(p, v->audio));
    same_text("its picture", get(attributes, "VIDEO"), ck_m3u8_str(p, v->video));
}

static void same_variants(const ck_m3u8 *p, const cJSON *root)
{
    int next[2] = {0, 0};
    const cJSON *lists[2] = {get(root, "playlists"), get(root, "iFramePlaylists")};
    for (uint32_t i = 0; i < ck_m3u8_variant_count(p); i++) {
        const ck_m3u8_variant *v = ck_m3u8_variant_at(p, i);
        same_variant(p, cJSON_GetArrayItem(lists[v->iframes_only], next[v->iframes_only]++), v);
    }
    same_number("the variants", NULL, next[0] - cJSON_GetArraySize(lists[0]));
    same_number("the key-frame variants", NULL, next[1] - cJSON_GetArraySize(lists[1]));
}

static void same_renditions(const ck_m3u8 *p, const cJSON *root)
{
    for (uint32_t i = 0; i < ck_m3u8_rendition_count(p); i++) {
        const ck_m3u8_rendition *r = ck_m3u8_rendition_at(p, i);
        const cJSON *type = get(get(root, "mediaGroups"), ck_m3u8_str(p, r->type));
        const cJSON *item = get(get(type, ck_m3u8_str(p, r->group)), ck_m3u8_str(p, r->name));
        if (item == NULL) {
            CK_FAIL("%s: no rendition \"%s\" is expected", current, ck_m3u8_str(p, r->name));
        }
        same_text("a rendition", get(item, "uri"), ck_m3u8_str(p, r->uri));
        same_text("its language", get(item, "language"), ck_m3u8_str(p, r->language));
        same_number("its default", NULL, cJSON_IsTrue(get(item, "default")) - r->is_default);
        same_number("its choice", NULL, cJSON_IsTrue(get(item, "autoselect")) - r->autoselect);
    }
}

static void same_rest(const ck_m3u8 *p, const cJSON *root)
{
    const cJSON *waiting = get(root, "preloadSegment");
    const cJSON *hints = get(waiting, "preloadHints");
    uint32_t first = 0;
    for (uint32_t i = 0; i < ck_m3u8_segment_count(p); i++) {
        first += ck_m3u8_segment_at(p, i)->part_count;
    }
    same_parts(p, waiting, first, ck_m3u8_part_count(p) - first);
    same_number("the hints", NULL, (double)cJSON_GetArraySize(hints) - ck_m3u8_hint_count(p));
    for (uint32_t i = 0; i < ck_m3u8_hint_count(p); i++) {
        const cJSON *hint = cJSON_GetArrayItem(hints, (int)i);
        const ck_m3u8_hint *ours = ck_m3u8_hint_at(p, i);
        same_text("a hint", get(hint, "type"), ck_m3u8_str(p, ours->type));
        same_text("its URI", get(hint, "uri"), ck_m3u8_str(p, ours->uri));
        same_number("its length", get(get(hint, "byterange"), "length"), (double)ours->length);
        /* The other parser lets a part without BYTERANGE-START follow the part before, also in
         * another resource; the draft says 0 (bis 4.4.5.3). */
        if (strcmp(ck_m3u8_str(p, ours->type), "PART") != 0) {
            same_number("its offset", get(get(hint, "byterange"), "offset"), (double)ours->offset);
        }
    }
}

static void same_playlist(const ck_m3u8 *p, const cJSON *root)
{
    static const char *const types[] = {"", "EVENT", "VOD"};
    const cJSON *segments = get(root, "segments");
    const cJSON *start = get(root, "start");
    same_number("the target duration", get(root, "targetDuration"), (double)p->target_us / 1e6);
    same_number("the version", get(root, "version"), p->has_version ? (double)p->version : 0);
    same_number("the sequence", get(root, "mediaSequence"), (double)p->media_sequence);
    same_number("the discontinuity sequence", get(root, "discontinuitySequence"),
                (double)p->discontinuity_sequence);
    same_text("the type", get(root, "playlistType"), types[p->type]);
    same_number("the end", NULL, cJSON_IsTrue(get(root, "endList")) - p->ended);
    same_number("independence", NULL,
                cJSON_IsTrue(get(root, "independentSegments")) - p->independent_segments);
    same_number("the start", get(start, "timeOffset"), (double)p->start_us / 1e6);
    same_number("what is skipped", get(get(root, "skip"), "skippedSegments"), (double)p->skipped);
    same_number("the segments", NULL,
                (double)cJSON_GetArraySize(segments) - ck_m3u8_segment_count(p));
    for (uint32_t i = 0; i < ck_m3u8_segment_count(p); i++) {
        same_segment(p, cJSON_GetArrayItem(segments, (int)i), ck_m3u8_segment_at(p, i));
    }
    same_variants(p, root);
    same_renditions(p, root);
    same_rest(p, root);
}

static void compare(const char *name, const void *text, size_t size, const char *expected,
                    size_t expected_size)
{
    ck_m3u8 p;
    cJSON *root = cJSON_ParseWithLength(expected, expected_size);
    current = name;
    CK_CHECK(root != NULL);
    ck_m3u8_init(&p, &ck_test_heap);
    CK_CHECK_EQ(ck_m3u8_feed(&p, text, size), 0);
    CK_CHECK_EQ(ck_m3u8_end(&p), 0);
    same_playlist(&p, root);
    ck_m3u8_free(&p);
    cJSON_Delete(root);
}

/* --- the cases ------------------------------------------------------------------------------- */

static const char own_text[] =
    "#EXTM3U\r\n#EXT-X-VERSION:7\r\n#EXT-X-TARGETDURATION:4\r\n#EXT-X-MEDIA-SEQUENCE:7\r\n"
    "#EXT-X-DISCONTINUITY-SEQUENCE:2\r\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x0102\r\n"
    "#EXT-X-MAP:URI=\"i.mp4\"\r\n#EXT-X-KEY:METHOD=NONE\r\n#EXTINF:3.5,one, two\r\n"
    "#EXT-X-BYTERANGE:100@50\r\na.m4s\r\n#EXT-X-DISCONTINUITY\r\n#EXTINF:4\r\n"
    "#EXT-X-BYTERANGE:20\r\na.m4s\r\n#EXT-X-PART:URI=\"p\",DURATION=0.5\r\n#EXT-X-ENDLIST";
static const char own_expected[] =
    "{\"version\":7,\"targetDuration\":4,\"mediaSequence\":7,\"discontinuitySequence\":2,"
    "\"endList\":true,\"segments\":[{\"duration\":3.5,\"title\":\"one, two\",\"uri\":\"a.m4s\","
    "\"timeline\":2,\"byterange\":{\"length\":100,\"offset\":50},\"map\":{\"uri\":\"i.mp4\","
    "\"key\":"
    "{\"method\":\"AES-128\",\"uri\":\"k\",\"iv\":{\"3\":258}}}},{\"duration\":4,\"uri\":\"a.m4s\","
    "\"timeline\":3,\"discontinuity\":true,\"byterange\":{\"length\":20,\"offset\":150},\"map\":"
    "{\"uri\":\"i.mp4\",\"key\":{\"method\":\"AES-128\",\"uri\":\"k\",\"iv\":{\"3\":258}}}}],"
    "\"preloadSegment\":{\"parts\":[{\"uri\":\"p\",\"duration\":0.5}]}}";

CK_TEST(m3u8_cases, our_own)
{
    compare("our own", own_text, sizeof own_text - 1, own_expected, sizeof own_expected - 1);
}

CK_TEST(m3u8_cases, those_of_others)
{
    for (size_t i = 0; i < CK_COUNT_OF(names); i++) {
        char path[128];
        size_t size = 0, expected_size = 0;
        (void)snprintf(path, sizeof path, "proto/m3u8/%s.m3u8", names[i]);
        uint8_t *text = ck_data_load(path, &size);
        (void)snprintf(path, sizeof path, "proto/m3u8/%s.json", names[i]);
        uint8_t *expected = text != NULL ? ck_data_load(path, &expected_size) : NULL;
        if (expected != NULL) {
            compare(names[i], text, size, (const char *)expected, expected_size);
        }
        free(text);
        free(expected);
    }
}
