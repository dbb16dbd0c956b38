/* What is asked for: segments, and what has to be there before them, sections and keys. */
#include "core/m3u8/hls_inside.h"

#include "base/bytes.h"
#include "base/text.h"
#include "chalkrail/errors.h"

#include <string.h>

static void fail_named(ck_hls *h, int status, const char *text, const char *name)
{
    char whole[128];
    ck_text t = ck_text_of(whole, sizeof whole);
    ck_text_add(&t, text);
    ck_text_add(&t, name);
    ck_hls_fail(h, status, whole);
}

/* The section of a segment is in the host's hands already. */
static bool has_map(const ck_hls *h, const ck_m3u8_map *map)
{
    return h->has_map && h->map_range.given == map->range.given &&
           h->map_range.offset == map->range.offset && h->map_range.length == map->range.length &&
           strcmp(h->map_uri, ck_m3u8_str(&h->media, map->uri)) == 0;
}

bool ck_hls_resolve(ck_hls *h, const ck_url *base, const char *uri)
{
    if (ck_url_resolve(&h->request, base, uri) < 0) {
        ck_hls_fail(h, CHALK_ERR_BAD_DATA, "the playlist has a URI that cannot be understood");
        return false;
    }
    bool http = h->request.scheme == CK_URL_HTTP || h->request.scheme == CK_URL_HTTPS;
    if (!http || (base->tls && !h->request.tls)) {
        ck_hls_fail(h, CHALK_ERR_UNSUPPORTED, "the playlist leads to another protocol");
        return false;
    }
    return true;
}

bool ck_hls_begin(ck_hls *h, enum ck_hls_kind kind, ck_hls_get *get, uint64_t now_us)
{
    h->kind = kind;
    h->silent_at_us = now_us + h->config.silence_us;
    get->kind = kind;
    get->id = ++h->last_id;
    get->url = &h->request;
    return true;
}

/* The key that something is encrypted with: true when it can be fetched and used. */
static bool key_is_known(ck_hls *h, const ck_m3u8_key *key)
{
    const char *method = ck_m3u8_str(&h->media, key->method);
    if (strcmp(method, "AES-128") != 0 || key->uri == 0) {
        fail_named(h, CHALK_ERR_UNSUPPORTED, "the segments are encrypted: ", method);
    } else if (key->format != 0) {
        fail_named(h, CHALK_ERR_UNSUPPORTED,
                   "the key is in a format of its own: ", ck_m3u8_str(&h->media, key->format));
    }
    return !h->over;
}

/* True when a request was made: the one for the key that is not in the host's hands. */
static bool ask_key(ck_hls *h, const ck_m3u8_key *key, ck_hls_get *get, uint64_t now_us)
{
    const char *uri = ck_m3u8_str(&h->media, key->uri);
    if (!ck_hls_resolve(h, &h->at, uri)) {
        return false;
    }
    h->has_key = false;                                     /* until it is there */
    (void)ck_text_copy(h->key_uri, sizeof h->key_uri, uri); /* it has been parsed: it fits */
    return ck_hls_begin(h, CK_HLS_KEY, get, now_us);
}

static bool has_key(const ck_hls *h, const ck_m3u8_key *key)
{
    return h->has_key && strcmp(h->key_uri, ck_m3u8_str(&h->media, key->uri)) == 0;
}

/* RFC 8216 section 5.2: without an IV of its own a segment has its sequence number. */
static void encrypt(ck_hls_get *get, const ck_m3u8_key *key, int64_t sequence)
{
    get->encrypted = true;
    if (key->has_iv) {
        memcpy(get->iv, key->iv, sizeof get->iv);
    } else {
        ck_store_be32(get->iv + 8, (uint32_t)((uint64_t)sequence >> 32));
        ck_store_be32(get->iv + 12, (uint32_t)sequence);
    }
}

static bool ask_map(ck_hls *h, const ck_m3u8_map *map, int64_t sequence, ck_hls_get *get,
                    uint64_t now_us)
{
    const ck_m3u8_key *key = ck_m3u8_key_of(&h->media, map->key);
    if (key != NULL && (!key_is_known(h, key) || !has_key(h, key))) {
        return !h->over && ask_key(h, key, get, now_us);
    }
    const char *uri = ck_m3u8_str(&h->media, map->uri);
    if (!ck_hls_resolve(h, &h->at, uri)) {
        return false;
    }
    h->has_map = false; /* until it is there */
    h->map_range = map->range;
    (void)ck_text_copy(h->map_uri, sizeof h->map_uri, uri); /* it has been parsed: it fits */
    get->range = map->range;
    if (key != NULL) {
        encrypt(get, key, sequence);
    }
    return ck_hls_begin(h, CK_HLS_MAP, get, now_us);
}

bool ck_hls_ask_segment(ck_hls *h, const ck_m3u8_segment *s, ck_hls_get *get, uint64_t now_us)
{
    const ck_m3u8_map *map = ck_m3u8_map_of(&h->media, s->map);
    const ck_m3u8_key *key = ck_m3u8_key_of(&h->media, s->key);
    if (map != NULL && !has_map(h, map)) {
        return ask_map(h, map, s->sequence, get, now_us);
    }
    if (key != NULL && (!key_is_known(h, key) || !has_key(h, key))) {
        return !h->over && ask_key(h, key, get, now_us);
    }
    if (!ck_hls_resolve(h, &h->at, ck_m3u8_str(&h->media, s->uri))) {
        return false;
    }
    if (key != NULL) {
        encrypt(get, key, s->sequence);
    }
    get->range = s->range;
    get->has_map = map != NULL;
    get->broken = h->broken || (h->any_segment && s->timeline != h->timeline);
    get->sequence = s->sequence;
    get->duration_us = s->duration_us;
    get->date_us = s->has_date ? s->date_us : -1;
    return ck_hls_begin(h, CK_HLS_SEGMENT, get, now_us);
}
