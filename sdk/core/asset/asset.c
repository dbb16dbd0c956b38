#include "core/asset/asset.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

enum step {
    BEGIN = 0, /* the first 4 bytes */
    PNG_HEAD,
    JPEG_MARKER,
    JPEG_LENGTH,
    JPEG_FRAME,
    WEBP_KIND,
    WEBP_HEAD,
    PDF_HEAD,
    KNOWN,
};

/* --- names ----------------------------------------------------------------------------------- */

static const struct {
    const char *end, *type;
} names[CK_ASSET_KINDS] = {[CK_ASSET_NONE] = {"", ""},
#define NAME(name, end, type) [CK_ASSET_##name] = {end, type},
                           CK_ASSET_KIND_LIST(NAME)
#undef NAME
};

const char *ck_asset_end(enum ck_asset_kind kind)
{
    return names[kind < CK_ASSET_KINDS ? kind : CK_ASSET_NONE].end;
}

const char *ck_asset_type(enum ck_asset_kind kind)
{
    return names[kind < CK_ASSET_KINDS ? kind : CK_ASSET_NONE].type;
}

enum ck_asset_kind ck_asset_kind_of(const char *end)
{
    for (size_t i = 1; i < CK_ASSET_KINDS; i++) {
        if (strcmp(names[i].end, end) == 0) {
            return (enum ck_asset_kind)i;
        }
    }
    return CK_ASSET_NONE;
}

uint64_t ck_asset_bytes_max(enum ck_asset_kind kind)
{
    return kind == CK_ASSET_PDF ? CK_ASSET_DECK_MAX : CK_ASSET_PICTURE_MAX;
}

bool ck_asset_read_hash(const char *text, uint8_t out[CK_ASSET_HASH])
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(text) != CK_ASSET_HASH_TEXT) {
        return false;
    }
    for (size_t i = 0; i < CK_ASSET_HASH_TEXT; i++) {
        const char *digit = memchr(digits, text[i], sizeof digits - 1);
        if (digit == NULL) {
            return false;
        }
        uint8_t value = (uint8_t)(digit - digits);
        out[i / 2] = i % 2 == 0 ? (uint8_t)(value << 4) : (uint8_t)(out[i / 2] | value);
    }
    return true;
}

/* --- the steps: each reads the bytes that it wanted and says what it wants next --------------- */

static int go_on(ck_asset_probe *p, enum step step, uint8_t want)
{
    p->step = (uint8_t)step;
    p->want = want;
    return 0;
}

/* As go_on, with the bytes that are there already. */
static int look_again(ck_asset_probe *p, enum step step, uint8_t want)
{
    p->have = p->want;
    return go_on(p, step, want);
}

static int settle(ck_asset_probe *p, enum ck_asset_kind kind, uint32_t wide, uint32_t high)
{
    if (kind != CK_ASSET_PDF && (wide == 0 || high == 0)) {
        return CHALK_ERR_BAD_DATA;
    }
    if (wide > CK_ASSET_SIDE_MAX || high > CK_ASSET_SIDE_MAX ||
        (uint64_t)wide * high > CK_ASSET_PIXELS_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    p->kind = kind;
    p->wide = wide;
    p->high = high;
    p->step = KNOWN;
    return 1;
}

static int take_begin(ck_asset_probe *p)
{
    static const uint8_t png[4] = {0x89, 'P', 'N', 'G'};
    if (memcmp(p->bytes, png, 4) == 0) {
        return look_again(p, PNG_HEAD, 29);
    }
    if (memcmp(p->bytes, "RIFF", 4) == 0) {
        return look_again(p, WEBP_KIND, 16);
    }
    if (memcmp(p->bytes, "%PDF", 4) == 0) {
        return look_again(p, PDF_HEAD, 6);
    }
    if (p->bytes[0] == 0xff && p->bytes[1] == 0xd8 && p->bytes[2] == 0xff) {
        p->have = 2; /* of the first marker */
        memmove(p->bytes, p->bytes + 2, 2);
        p->want = 2;
        return go_on(p, JPEG_MARKER, 2);
    }
    return CHALK_ERR_UNSUPPORTED;
}

/* PNG (ISO 15948) 5.2, 11.2.2. */
static int take_png(ck_asset_probe *p)
{
    static const uint8_t rest[12] = {'\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    static const uint8_t depths[7] = {0x1f, 0, 0x18, 0x0f,
                                      0x18, 0, 0x18}; /* of each colour type, together */
    const uint8_t depth = p->bytes[24], colour = p->bytes[25];
    if (memcmp(p->bytes + 4, rest, sizeof rest) != 0) {
        return CHALK_ERR_BAD_DATA;
    }
    bool known = colour < sizeof depths && (depth & (depth - 1)) == 0 &&
                 (depths[colour] & depth) != 0 && p->bytes[26] == 0 && p->bytes[27] == 0 &&
                 p->bytes[28] <= 1;
    return known ? settle(p, CK_ASSET_PNG, ck_load_be32(p->bytes + 16), ck_load_be32(p->bytes + 20))
                 : CHALK_ERR_BAD_DATA;
}

/* JPEG (ITU-T T.81) B.1.1: a marker, with any number of FF before it. */
static int take_marker(ck_asset_probe *p)
{
    const uint8_t code = p->bytes[1];
    if (p->bytes[0] != 0xff || code == 0) {
        return CHALK_ERR_BAD_DATA;
    }
    if (code == 0xff) {
        p->have = 1; /* the first of the two may be one that fills */
        return 0;
    }
    if (code == 0x01 || (code >= 0xd0 && code <= 0xd7)) { /* without a length */
        p->have = 0;
        return 0;
    }
    if (code >= 0xc0 && code <= 0xc2) { /* baseline, extended, progressive */
        p->have = 0;
        return go_on(p, JPEG_FRAME, 8);
    }
    bool other_frame = code > 0xc2 && code <= 0xcf && code != 0xc4 && code != 0xc8;
    bool ends = code == 0xd8 || code == 0xd9 || code == 0xda; /* before any frame */
    p->have = 0;
    return other_frame ? CHALK_ERR_UNSUPPORTED
           : ends      ? CHALK_ERR_BAD_DATA
                       : go_on(p, JPEG_LENGTH, 2);
}

static int take_length(ck_asset_probe *p)
{
    uint16_t length = ck_load_be16(p->bytes);
    if (length < 2) {
        return CHALK_ERR_BAD_DATA;
    }
    p->skip = length - 2u;
    p->have = 0;
    return go_on(p, JPEG_MARKER, 2);
}

static int take_frame(ck_asset_probe *p)
{
    const uint8_t parts = p->bytes[7];
    if (p->bytes[2] != 8) {
        return CHALK_ERR_UNSUPPORTED; /* 12 bits */
    }
    if (ck_load_be16(p->bytes) != 8 + 3 * parts || parts == 0 || parts > 4) {
        return CHALK_ERR_BAD_DATA;
    }
    return settle(p, CK_ASSET_JPEG, ck_load_be16(p->bytes + 5), ck_load_be16(p->bytes + 3));
}

/* WebP (RFC 9649) 2.4-2.7. */
static int take_webp_kind(ck_asset_probe *p)
{
    const uint8_t *kind = p->bytes + 12;
    if (memcmp(p->bytes + 8, "WEBP", 4) != 0) {
        return CHALK_ERR_UNSUPPORTED; /* another RIFF file */
    }
    bool known =
        memcmp(kind, "VP8", 3) == 0 && (kind[3] == ' ' || kind[3] == 'L' || kind[3] == 'X');
    return known ? look_again(p, WEBP_HEAD, kind[3] == 'L' ? 25 : 30) : CHALK_ERR_BAD_DATA;
}

static uint32_t load_le24(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static int take_webp(ck_asset_probe *p)
{
    static const uint8_t start[3] = {0x9d, 0x01, 0x2a};
    const uint8_t *body = p->bytes + 20;
    if (p->bytes[15] == 'X') {
        return (body[0] & 2) != 0
                   ? CHALK_ERR_UNSUPPORTED
                   : settle(p, CK_ASSET_WEBP, load_le24(body + 4) + 1, load_le24(body + 7) + 1);
    }
    if (p->bytes[15] == 'L') {
        uint32_t bits = ck_load_le32(body + 1);
        return body[0] == 0x2f
                   ? settle(p, CK_ASSET_WEBP, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)
                   : CHALK_ERR_BAD_DATA;
    }
    bool key = (body[0] & 1) == 0 && memcmp(body + 3, start, sizeof start) == 0;
    return key ? settle(p, CK_ASSET_WEBP, (load_le24(body + 6) & 0x3fff),
                        (ck_load_le32(body + 6) >> 16 & 0x3fff))
               : CHALK_ERR_BAD_DATA;
}

static int take_pdf(ck_asset_probe *p)
{
    bool known = p->bytes[4] == '-' && p->bytes[5] >= '1' && p->bytes[5] <= '9';
    return known ? settle(p, CK_ASSET_PDF, 0, 0) : CHALK_ERR_BAD_DATA;
}

static int take(ck_asset_probe *p)
{
    static int (*const steps[])(ck_asset_probe *) = {
        [BEGIN] = take_begin,        [PNG_HEAD] = take_png,     [JPEG_MARKER] = take_marker,
        [JPEG_LENGTH] = take_length, [JPEG_FRAME] = take_frame, [WEBP_KIND] = take_webp_kind,
        [WEBP_HEAD] = take_webp,     [PDF_HEAD] = take_pdf,
    };
    return steps[p->step](p);
}

/* --- feeding --------------------------------------------------------------------------------- */

void ck_asset_probe_init(ck_asset_probe *p)
{
    memset(p, 0, sizeof *p);
    p->want = 4;
}

int ck_asset_probe_feed(ck_asset_probe *p, ck_bytes bytes)
{
    ck_reader in = ck_reader_of(bytes.data, bytes.size);
    while (p->status == 0) {
        size_t skipped = (size_t)CK_MIN(p->skip, ck_reader_left(&in));
        p->skip -= skipped;
        in.at += skipped;
        size_t more = CK_MIN((size_t)(p->want - p->have), ck_reader_left(&in));
        if (more > 0) {
            memcpy(p->bytes + p->have, in.at, more);
            p->have = (uint8_t)(p->have + more);
            in.at += more;
        }
        if (p->skip > 0 || p->have < p->want) {
            return 0;
        }
        p->status = take(p);
    }
    return p->status;
}

int ck_asset_read(ck_bytes file, ck_asset_probe *out)
{
    ck_asset_probe_init(out);
    int status = ck_asset_probe_feed(out, file);
    if (status == 0) {
        return CHALK_ERR_BAD_DATA;
    }
    if (status == 1 && file.size > ck_asset_bytes_max(out->kind)) {
        return CHALK_ERR_TOO_LARGE;
    }
    return status == 1 ? CHALK_OK : status;
}
