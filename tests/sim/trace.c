#include "sim/trace.h"

#include "base/bytes.h"
#include "base/check.h"

#include <string.h>

#define PACKET_BITS (1500 * 8)
#define BUCKET_MS   100 /* of a mahimahi trace */
#define MAX_US      UINT64_C(60000000)
#define NUMBER_MAX  UINT64_C(1000000000000)
#define SPAN_US_MAX UINT64_C(86400000000)

/* A cursor over text that need not be terminated. */
typedef struct text {
    const uint8_t *at, *end;
} text;

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* A decimal number in millionths; false: there is none, or it is too large. */
static bool read_micro(text *t, uint64_t *out)
{
    uint64_t value = 0, scale = 1000000;
    if (t->at == t->end || !is_digit(*t->at)) {
        return false;
    }
    for (; t->at < t->end && is_digit(*t->at); t->at++) {
        value = value * 10 + (uint64_t)(*t->at - '0');
        if (value > NUMBER_MAX) {
            return false;
        }
    }
    value *= scale;
    if (t->at < t->end && *t->at == '.') {
        for (t->at++; t->at < t->end && is_digit(*t->at); t->at++) {
            scale /= 10;
            value += (uint64_t)(*t->at - '0') * scale;
        }
    }
    *out = value;
    return true;
}

static void skip_blank(text *t)
{
    while (t->at < t->end &&
           (*t->at == ' ' || *t->at == '\t' || *t->at == '\n' || *t->at == '\r')) {
        t->at++;
    }
}

static bool skip_text(text *t, const char *what)
{
    size_t size = strlen(what);
    if ((size_t)(t->end - t->at) < size || memcmp(t->at, what, size) != 0) {
        return false;
    }
    t->at += size;
    return true;
}

static bool add_step(ck_trace *t, uint64_t us, uint64_t bps)
{
    if (t->count == CK_TRACE_STEPS || t->span_us + us > SPAN_US_MAX) {
        return false;
    }
    if (us > 0) {
        t->steps[t->count++] = (ck_trace_step){us, bps};
        t->span_us += us;
    }
    return true;
}

static bool parse_json(ck_trace *out, text t)
{
    bool more = skip_text(&t, "[");
    while (more) {
        uint64_t ms, kbps, latency;
        skip_blank(&t);
        bool ok = skip_text(&t, "{\"duration_ms\": ") && read_micro(&t, &ms) &&
                  skip_text(&t, ", \"bandwidth_kbps\": ") && read_micro(&t, &kbps) &&
                  skip_text(&t, ", \"latency_ms\": ") && read_micro(&t, &latency) &&
                  skip_text(&t, "}");
        if (!ok || !add_step(out, ms / 1000, kbps / 1000)) {
            return false;
        }
        out->delay_us = (uint32_t)CK_MIN(latency / 1000, 1000000);
        skip_blank(&t);
        more = skip_text(&t, ",");
    }
    return skip_text(&t, "]");
}

static bool parse_puffer(ck_trace *out, text t)
{
    uint64_t last_us = 0, last_bps = 0;
    bool any = false;
    while (t.at < t.end) {
        uint64_t us, bps;
        if (!read_micro(&t, &us) || !skip_text(&t, "\t") || !read_micro(&t, &bps) ||
            (any && us < last_us)) {
            return false;
        }
        if (any && !add_step(out, us - last_us, last_bps)) {
            return out->count == CK_TRACE_STEPS;
        }
        last_us = us;
        last_bps = bps;
        any = true;
        skip_blank(&t);
    }
    return out->count > 0;
}

static bool parse_mahimahi(ck_trace *out, text t)
{
    uint64_t bucket = 0, packets = 0;
    while (t.at < t.end) {
        uint64_t ms;
        if (!read_micro(&t, &ms)) {
            return false;
        }
        ms /= 1000000;
        if (ms / BUCKET_MS < bucket) {
            return false;
        }
        for (; ms / BUCKET_MS > bucket; bucket++) {
            if (!add_step(out, BUCKET_MS * 1000, packets * PACKET_BITS * 1000 / BUCKET_MS)) {
                return out->count == CK_TRACE_STEPS;
            }
            packets = 0;
        }
        packets++;
        skip_blank(&t);
    }
    return out->count > 0;
}

bool ck_trace_parse(ck_trace *t, const uint8_t *data, size_t size)
{
    static bool (*const kinds[])(ck_trace *, text) = {parse_json, parse_puffer, parse_mahimahi};
    for (size_t i = 0; i < CK_COUNT_OF(kinds); i++) {
        *t = (ck_trace){.count = 0};
        if (kinds[i](t, (text){data, data + size}) && t->span_us > 0) {
            return true;
        }
    }
    return false;
}

/* The step at a time, and how much of it is left. */
static const ck_trace_step *step_at(const ck_trace *t, uint64_t at_us, uint64_t *left_us)
{
    uint64_t into = at_us % t->span_us;
    size_t i = 0;
    while (into >= t->steps[i].us) {
        into -= t->steps[i].us;
        i++;
    }
    *left_us = t->steps[i].us - into;
    return &t->steps[i];
}

uint64_t ck_trace_bps(const ck_trace *t, uint64_t at_us)
{
    uint64_t left;
    return step_at(t, at_us, &left)->bps;
}

uint64_t ck_trace_wire_time(const ck_trace *t, uint64_t at_us, uint64_t bytes)
{
    uint64_t bits_left = bytes * 8 * 1000000; /* in bit x µs/s, as bps x µs is */
    uint64_t passed = 0;
    while (passed < MAX_US) {
        uint64_t left_us;
        const ck_trace_step *s = step_at(t, at_us + passed, &left_us);
        if (s->bps > 0 && bits_left / s->bps <= left_us) {
            return passed + CK_MAX(bits_left / s->bps, 1);
        }
        bits_left -= s->bps * left_us;
        passed += left_us;
    }
    return MAX_US;
}

/* --- arrivals -------------------------------------------------------------------------------- */

typedef struct unwrapper {
    bool any;
    uint32_t last;
    int64_t extended;
} unwrapper;

static int64_t unwrap(unwrapper *u, uint32_t value)
{
    u->extended = u->any ? u->extended + (int32_t)(value - u->last) : (int64_t)value;
    u->last = value;
    u->any = true;
    return u->extended;
}

static size_t parse_calls(ck_arrival *out, size_t max, text t, uint32_t clock_hz)
{
    unwrapper time = {0};
    size_t count = 0;
    if (!skip_text(&t, "arrival_ms,seq,rtp_ts,marker,bytes\n")) {
        return 0;
    }
    while (t.at < t.end && count < max) {
        uint64_t v[5];
        for (int i = 0; i < 5; i++) {
            if ((i > 0 && !skip_text(&t, ",")) || !read_micro(&t, &v[i])) {
                return 0;
            }
        }
        int64_t ticks = unwrap(&time, (uint32_t)(v[2] / 1000000));
        out[count++] = (ck_arrival){
            .at_us = v[0] / 1000,
            .pts_us = ticks * 1000000 / clock_hz,
            .sequence = (uint16_t)(v[1] / 1000000),
            .bytes = (uint32_t)CK_MIN(v[4] / 1000000, 65535),
        };
        skip_blank(&t);
    }
    return count;
}

/* rtptools: "#!rtpplay1.0 address/port\n", 16 bytes of header, then records of u16 length with its
 * 8 bytes, u16 original length, u32 offset in ms, and the packet. */
static size_t parse_rtpdump(ck_arrival *out, size_t max, const uint8_t *data, size_t size,
                            uint32_t clock_hz)
{
    static const char magic[] = "#!rtpplay1.0";
    const uint8_t *line = size > sizeof magic ? memchr(data, '\n', size) : NULL;
    if (line == NULL || memcmp(data, magic, sizeof magic - 1) != 0) {
        return 0;
    }
    ck_reader r = ck_reader_of(line + 1, size - (size_t)(line + 1 - data));
    ck_read_skip(&r, 16);
    unwrapper time = {0};
    uint32_t first_ssrc = 0;
    size_t count = 0;
    while (count < max && ck_reader_left(&r) > 0) {
        uint16_t length = ck_read_be16(&r);
        ck_read_skip(&r, 2);
        uint32_t offset_ms = ck_read_be32(&r);
        const uint8_t *body = length > 8 ? ck_read_bytes(&r, length - 8u) : NULL;
        if (r.failed || body == NULL) {
            return 0;
        }
        ck_reader p = ck_reader_of(body, length - 8u);
        bool rtp = ck_read_u8(&p) >> 6 == 2;
        ck_read_skip(&p, 1);
        uint16_t sequence = ck_read_be16(&p);
        uint32_t stamp = ck_read_be32(&p);
        uint32_t ssrc = ck_read_be32(&p);
        if (p.failed || !rtp || (count > 0 && ssrc != first_ssrc)) {
            continue;
        }
        first_ssrc = ssrc;
        out[count++] =
            (ck_arrival){(uint64_t)offset_ms * 1000, unwrap(&time, stamp) * 1000000 / clock_hz,
                         sequence, length - 8u};
    }
    return count;
}

size_t ck_arrivals_parse(ck_arrival *out, size_t max, const uint8_t *data, size_t size,
                         uint32_t clock_hz)
{
    size_t count = parse_calls(out, max, (text){data, data + size}, clock_hz);
    return count > 0 ? count : parse_rtpdump(out, max, data, size, clock_hz);
}
