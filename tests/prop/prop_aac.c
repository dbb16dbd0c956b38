/* AAC: any split of an ADTS stream gives the same frames, and what is written is read. */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/aac/adts.h"
#include "support/check.h"

static void random_config(ck_aac_config *c, ck_rng *rng)
{
    memset(c, 0, sizeof *c);
    c->object_type = CK_AAC_LC;
    c->sample_rate_hz = ck_rng_below(rng, 2) != 0
                            ? ck_aac_rate_of_index((uint32_t)ck_rng_below(rng, 13))
                            : 1000 + (uint32_t)ck_rng_below(rng, 191001);
    c->channel_config = (uint8_t)(1 + ck_rng_below(rng, 7));
    c->channels = ck_aac_channels(c->channel_config);
    c->frame_length = ck_rng_below(rng, 2) != 0 ? 1024 : 960;
    c->sbr = ck_rng_below(rng, 2) != 0;
    if (c->sbr) {
        c->ps = ck_rng_below(rng, 2) != 0;
        c->extension_rate_hz = 1000 + (uint32_t)ck_rng_below(rng, 191001);
    }
}

CK_TEST(prop_aac, any_configuration_is_read_as_written)
{
    ck_rng rng;
    ck_rng_seed(&rng, 1);
    for (size_t i = 0; i < 5000; i++) {
        ck_aac_config in;
        ck_aac_config out;
        uint8_t bytes[CK_AAC_CONFIG_MAX];
        random_config(&in, &rng);
        int size = ck_aac_config_write(bytes, &in);
        CK_CHECK_ROW(i, size > 0);
        CK_CHECK_ROW(i, ck_aac_config_parse(bytes, (size_t)size, &out) == CHALK_OK);
        CK_CHECK_ROW(i, in.object_type == out.object_type && in.channels == out.channels &&
                            in.channel_config == out.channel_config);
        CK_CHECK_ROW(i, in.sample_rate_hz == out.sample_rate_hz &&
                            in.extension_rate_hz == out.extension_rate_hz);
        CK_CHECK_ROW(i,
                     in.sbr == out.sbr && in.ps == out.ps && in.frame_length == out.frame_length);
    }
}

/* Frames and garbage by turns. */
static size_t make_stream(uint8_t *out, size_t room, ck_rng *rng)
{
    ck_aac_config config = {.object_type = CK_AAC_LC, .sample_rate_hz = 48000, .channel_config = 2};
    size_t size = 0;
    while (size + 2000 < room) {
        size_t payload = ck_rng_below(rng, 600);
        bool garbage = ck_rng_below(rng, 3) == 0;
        if (!garbage) {
            CK_CHECK_EQ(ck_adts_write(out + size, &config, payload), CHALK_OK);
            size += CK_ADTS_HEAD;
        }
        for (size_t i = 0; i < payload; i++) {
            /* Many 0xff, so that the search for a sync word meets false ones. */
            out[size++] = ck_rng_below(rng, 4) == 0 ? 0xff : (uint8_t)ck_rng_next(rng);
        }
    }
    return size;
}

typedef struct tally {
    size_t frames, bytes;
    uint64_t hash;
    uint64_t skipped;
    int status;
} tally;

static tally read_stream(const uint8_t *data, size_t size, ck_rng *rng, size_t most)
{
    static ck_adts_split s;
    ck_adts_frame frame;
    tally t = {0};
    size_t part;
    ck_adts_split_init(&s);
    for (size_t at = 0; at < size; at += part) {
        part = 1 + ck_rng_below(rng, most);
        part = CK_MIN(part, size - at);
        if (ck_adts_split_feed(&s, data + at, part) != CHALK_OK) {
            break;
        }
        while ((t.status = ck_adts_split_poll(&s, &frame)) == CHALK_OK) {
            t.frames++;
            t.bytes += frame.payload_size;
            for (size_t i = 0; i < frame.payload_size; i++) {
                t.hash = t.hash * 31 + frame.payload[i];
            }
        }
    }
    t.skipped = s.skipped;
    return t;
}

CK_TEST(prop_aac, any_split_gives_the_same_frames)
{
    static uint8_t stream[30000];
    static const size_t most[] = {1, 3, 8, 100, 5000};
    for (uint64_t seed = 1; seed <= 30; seed++) {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        size_t size = make_stream(stream, sizeof stream, &rng);
        tally whole = read_stream(stream, size, &rng, 1u << 20);
        CK_CHECK_ROW(seed, whole.frames > 0);
        for (size_t i = 0; i < CK_COUNT_OF(most); i++) {
            tally t = read_stream(stream, size, &rng, most[i]);
            CK_CHECK_ROW(seed, t.frames == whole.frames && t.bytes == whole.bytes);
            CK_CHECK_ROW(seed, t.hash == whole.hash && t.skipped == whole.skipped);
            CK_CHECK_ROW(seed, t.status == whole.status);
        }
    }
}
