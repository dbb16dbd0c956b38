/*
 * What a file for the board is, told from its first bytes: kind and size, before anything decodes
 * it. README.md says what of each kind is looked at.
 *
 *     ck_asset_probe_init(&probe);
 *     status = ck_asset_probe_feed(&probe, ck_bytes_of(data, size));      1: known; 0: more is
 * needed
 *
 * Plain functions; one thread at a time for a probe.
 */
#ifndef CK_CORE_ASSET_ASSET_H
#define CK_CORE_ASSET_ASSET_H

#include "core/wire/wire.h"

#include <stdbool.h>

#define CK_ASSET_HASH        32u         /* bytes of a SHA-256 */
#define CK_ASSET_HASH_TEXT   64u         /* digits of one */
#define CK_ASSET_SIDE_MAX    16384u      /* pixels of a picture */
#define CK_ASSET_PIXELS_MAX  64000000u   /* width times height */
#define CK_ASSET_PICTURE_MAX (16u << 20) /* bytes of a picture's file */
#define CK_ASSET_DECK_MAX    (64u << 20) /* bytes of a PDF */

/* X(NAME, end of a file's name, type of RFC 9110) */
#define CK_ASSET_KIND_LIST(X)                                                                      \
    X(PNG, "png", "image/png")                                                                     \
    X(JPEG, "jpg", "image/jpeg")                                                                   \
    X(WEBP, "webp", "image/webp")                                                                  \
    X(PDF, "pdf", "application/pdf")

enum ck_asset_kind {
    CK_ASSET_NONE = 0,
#define CK_ASSET_KIND_ENUM(name, end, type) CK_ASSET_##name,
    CK_ASSET_KIND_LIST(CK_ASSET_KIND_ENUM)
#undef CK_ASSET_KIND_ENUM
        CK_ASSET_KINDS,
};

typedef struct ck_asset_probe {
    /* Valid once ck_asset_probe_feed has returned 1. */
    enum ck_asset_kind kind;
    uint32_t wide, high; /* pixels; 0: a deck */
    /* Private. */
    int status;
    uint8_t step;
    uint8_t want, have; /* bytes that the step needs; of `bytes` */
    uint64_t skip;
    uint8_t bytes[32];
} ck_asset_probe;

void ck_asset_probe_init(ck_asset_probe *p);
/* 1: it is known; 0: more is needed. UNSUPPORTED: a kind that is not taken; BAD_DATA: it is broken;
 * TOO_LARGE: a picture over the limits above. A result stays. */
int ck_asset_probe_feed(ck_asset_probe *p, ck_bytes bytes);
/* A whole file. CHALK_OK; BAD_DATA also where it ends too early; TOO_LARGE also over the bytes that
 * its kind may have. */
int ck_asset_read(ck_bytes file, ck_asset_probe *out);

uint64_t ck_asset_bytes_max(enum ck_asset_kind kind);
const char *ck_asset_end(enum ck_asset_kind kind);  /* "png"; "" for none */
const char *ck_asset_type(enum ck_asset_kind kind); /* "image/png"; "" for none */
/* The kind whose files end so; CK_ASSET_NONE: none. */
enum ck_asset_kind ck_asset_kind_of(const char *end);

/* 64 digits, lower case; false: it is something else. */
bool ck_asset_read_hash(const char *text, uint8_t out[CK_ASSET_HASH]);

#endif
