/* Which variant, and where in it. */
#include "core/m3u8/hls_inside.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"

#include <string.h>

/* RFC 6381 names: H.264 ("avc1.64001f"), AAC in its kinds that are decoded here. */
static bool codec_plays(const char *name, size_t size)
{
    static const char *const aac[] = {"mp4a.40.2", "mp4a.40.02", "mp4a.40.5", "mp4a.40.05",
                                      "mp4a.40.29"};
    if (size >= 4 && memcmp(name, "avc1", 4) == 0) {
        return true;
    }
    for (size_t i = 0; i < CK_COUNT_OF(aac); i++) {
        if (strlen(aac[i]) == size && memcmp(name, aac[i], size) == 0) {
            return true;
        }
    }
    return false;
}

/* A list that is not given is tried: segments tell. */
static bool codecs_play(const char *list)
{
    while (*list != '\0') {
        size_t size = strcspn(list, ",");
        size_t lead = strspn(list, " ");
        if (lead < size && !codec_plays(list + lead, size - lead)) {
            return false;
        }
        list += size;
        list += *list == ',';
    }
    return true;
}

/* Whether the sound is in a playlist of its own. */
static bool sound_apart(const ck_m3u8 *m, const ck_m3u8_variant *v)
{
    const char *group = ck_m3u8_str(m, v->audio);
    bool apart = false;
    for (uint32_t i = 0; v->audio != 0 && i < ck_m3u8_rendition_count(m); i++) {
        const ck_m3u8_rendition *r = ck_m3u8_rendition_at(m, i);
        bool here = ck_text_equal(ck_m3u8_str(m, r->type), "AUDIO") &&
                    ck_text_equal(ck_m3u8_str(m, r->group), group);
        if (here && r->uri == 0) {
            return false; /* one of the renditions is in the variant's own segments */
        }
        apart = apart || here;
    }
    return apart;
}

/* The smaller the better while all are above the limit, else the larger. */
static bool is_better(const ck_hls *h, uint64_t bandwidth, uint64_t than)
{
    uint64_t most = h->config.bandwidth_max != 0 ? h->config.bandwidth_max : UINT64_MAX;
    if (bandwidth > most || than > most) {
        return bandwidth < than;
    }
    return bandwidth > than;
}

int ck_hls_choose(const ck_hls *h, uint32_t *variant, const char **why)
{
    const ck_m3u8 *m = &h->master;
    const ck_m3u8_variant *best = NULL;
    bool codec = false, apart = false, tried = false;
    for (uint32_t i = 0; i < ck_m3u8_variant_count(m); i++) {
        const ck_m3u8_variant *v = ck_m3u8_variant_at(m, i);
        if (v->iframes_only) {
            continue;
        }
        if (!codecs_play(ck_m3u8_str(m, v->codecs))) {
            codec = true;
            *why = ck_m3u8_str(m, v->codecs);
        } else if (sound_apart(m, v)) {
            apart = true;
        } else if (h->tried[i]) {
            tried = true;
        } else if (best == NULL || is_better(h, v->bandwidth, best->bandwidth)) {
            best = v;
            *variant = i;
        }
    }
    if (best != NULL) {
        return CHALK_OK;
    }
    if (tried) {
        return CHALK_ERR_NOT_FOUND;
    }
    if (apart || !codec) {
        *why = apart ? "the sound is in a playlist of its own, which is not played"
                     : "the playlist has no variant to play";
        return CHALK_ERR_UNSUPPORTED;
    }
    return CHALK_ERR_CODEC_UNKNOWN;
}

static int64_t length_of(const ck_m3u8_segment *s)
{
    return CK_MAX(s->duration_us, 0);
}

/* How far from the end a live stream is joined. */
static int64_t hold_back(const ck_m3u8 *m)
{
    return m->hold_back_us > 0 ? m->hold_back_us : 3 * m->target_us;
}

static int64_t from_start(const ck_m3u8 *m, int64_t offset_us)
{
    uint32_t count = ck_m3u8_segment_count(m);
    uint32_t i = 0;
    while (i + 1 < count && offset_us >= length_of(ck_m3u8_segment_at(m, i))) {
        offset_us -= length_of(ck_m3u8_segment_at(m, i));
        i++;
    }
    return ck_m3u8_segment_at(m, i)->sequence;
}

/* The last segment that begins at least `before_us` before the end. */
static int64_t from_end(const ck_m3u8 *m, int64_t before_us)
{
    uint32_t i = ck_m3u8_segment_count(m);
    while (i > 0 && before_us > 0) {
        i--;
        before_us -= length_of(ck_m3u8_segment_at(m, i));
    }
    return ck_m3u8_segment_at(m, CK_MIN(i, ck_m3u8_segment_count(m) - 1))->sequence;
}

int64_t ck_hls_join(const ck_m3u8 *m)
{
    if (m->has_start && m->start_us >= 0 && m->ended) {
        return from_start(m, m->start_us);
    }
    if (m->has_start && m->start_us < 0) {
        int64_t before_us = -m->start_us;
        return from_end(m, m->ended ? before_us : CK_MAX(before_us, hold_back(m)));
    }
    return m->ended ? ck_m3u8_segment_at(m, 0)->sequence : from_end(m, hold_back(m));
}
