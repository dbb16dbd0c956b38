#include "core/mp4/prune.h"

#include "base/bytes.h"
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/mp4/boxes.h"

#include <string.h>

#define T         CK_MP4_TYPE
#define HEAD      8
#define LARGE     16 /* a head with a 64-bit size */
#define BRAND_MAX 4096

enum {
    NOWHERE = 0, /* the file itself */
    FTYP = T('f', 't', 'y', 'p'),
    MDAT = T('m', 'd', 'a', 't'),
    SKIP = T('s', 'k', 'i', 'p'),
    MOOV = T('m', 'o', 'o', 'v'),
    MVHD = T('m', 'v', 'h', 'd'),
    TRAK = T('t', 'r', 'a', 'k'),
    TKHD = T('t', 'k', 'h', 'd'),
    EDTS = T('e', 'd', 't', 's'),
    ELST = T('e', 'l', 's', 't'),
    MDIA = T('m', 'd', 'i', 'a'),
    MDHD = T('m', 'd', 'h', 'd'),
    HDLR = T('h', 'd', 'l', 'r'),
    MINF = T('m', 'i', 'n', 'f'),
    STBL = T('s', 't', 'b', 'l'),
    STSD = T('s', 't', 's', 'd'),
    AVC1 = T('a', 'v', 'c', '1'),
    AVC3 = T('a', 'v', 'c', '3'),
    AVCC = T('a', 'v', 'c', 'C'),
    MP4A = T('m', 'p', '4', 'a'),
    ESDS = T('e', 's', 'd', 's'),
    MVEX = T('m', 'v', 'e', 'x'),
    TREX = T('t', 'r', 'e', 'x'),
    MOOF = T('m', 'o', 'o', 'f'),
    TRAF = T('t', 'r', 'a', 'f'),
    TFHD = T('t', 'f', 'h', 'd'),
    TFDT = T('t', 'f', 'd', 't'),
    TRUN = T('t', 'r', 'u', 'n'),
    VIDE = T('v', 'i', 'd', 'e'),
    SOUN = T('s', 'o', 'u', 'n'),
    ENCV = T('e', 'n', 'c', 'v'),
    ENCA = T('e', 'n', 'c', 'a'),
};

/* --- boxes ----------------------------------------------------------------------------------- */

static void blank(const ck_mp4_box *box)
{
    ck_store_be32(box->head + 4, SKIP);
}

/* The head at `data`, which has HEAD bytes or more. The size that it claims, its head included; 0:
 * up to the end; UINT64_MAX: the head itself is broken or cut. */
static uint64_t read_head(uint8_t *data, size_t size, ck_mp4_box *box)
{
    uint64_t whole = ck_load_be32(data);
    size_t head = HEAD;
    box->head = data;
    box->type = ck_load_be32(data + 4);
    if (whole == 1) {
        head = LARGE;
        whole = size >= LARGE ? (uint64_t)ck_load_be32(data + 8) << 32 | ck_load_be32(data + 12)
                              : UINT64_MAX;
    }
    box->data = data + CK_MIN(head, size);
    box->size = whole >= head && whole <= size ? (size_t)whole - head : 0;
    return whole != 0 && whole < head ? UINT64_MAX : whole;
}

static int take_box(ck_mp4_walk *w, uint32_t parent, ck_mp4_box *box);

/* Fewer bytes than a head has may follow the last box: QuickTime ends lists with a zero. */
static int take_boxes(ck_mp4_walk *w, uint32_t parent, uint8_t *data, size_t size)
{
    int status = CHALK_OK;
    while (status == CHALK_OK && size >= HEAD) {
        ck_mp4_box box;
        uint64_t whole = read_head(data, size, &box);
        if (whole == 0 || whole > size) {
            return ck_mp4_refuse(w, box.type, CHALK_ERR_BAD_DATA, "it leaves the box it is in");
        }
        status = take_box(w, parent, &box);
        data += whole;
        size -= (size_t)whole;
    }
    return status;
}

/* --- containers ------------------------------------------------------------------------------ */

static int too_many(ck_mp4_walk *w, uint32_t type, const char *text)
{
    return ck_mp4_refuse(w, type, CHALK_ERR_TOO_LARGE, text);
}

static int take_plain(ck_mp4_walk *w, ck_mp4_box *box)
{
    return take_boxes(w, box->type, box->data, box->size);
}

static int take_ftyp(ck_mp4_walk *w, ck_mp4_box *box)
{
    return box->size <= BRAND_MAX ? CHALK_OK : too_many(w, FTYP, "there are too many brands");
}

/* A segment that brings its own behind the section from the playlist: demuxers keep the first. */
static int take_moov(ck_mp4_walk *w, ck_mp4_box *box)
{
    if (w->has_movie) {
        blank(box);
        return CHALK_OK;
    }
    w->has_movie = true;
    return box->size <= CK_MP4_MOVIE_MAX ? take_plain(w, box)
                                         : too_many(w, MOOV, "it is too large");
}

/* What is neither picture nor sound is skipped, once its contents were found to be in order. */
static int take_trak(ck_mp4_walk *w, ck_mp4_box *box)
{
    if (++w->tracks > CK_MP4_TRACKS_MAX) {
        return too_many(w, TRAK, "there are too many tracks");
    }
    w->handler = 0;
    int status = take_plain(w, box);
    if (w->handler != VIDE && w->handler != SOUN) {
        blank(box);
    }
    return status;
}

/* Entries are laid out by the kind of their track: where that is not known they are skipped. */
static int take_stsd(ck_mp4_walk *w, ck_mp4_box *box)
{
    if (w->handler != VIDE && w->handler != SOUN) {
        blank(box);
        return CHALK_OK;
    }
    if (box->size < 8) {
        return ck_mp4_refuse(w, STSD, CHALK_ERR_BAD_DATA, "it is too short");
    }
    w->entries = 0;
    int status = take_boxes(w, STSD, box->data + 8, box->size - 8);
    if (status == CHALK_OK && ck_load_be32(box->data + 4) > w->entries) {
        return ck_mp4_refuse(w, STSD, CHALK_ERR_BAD_DATA, "it counts more than it holds");
    }
    return status;
}

static int take_moof(ck_mp4_walk *w, ck_mp4_box *box)
{
    if (++w->fragments > CK_MP4_FRAGMENTS_MAX) {
        return too_many(w, MOOF, "there are too many fragments");
    }
    return take_plain(w, box);
}

static int take_traf(ck_mp4_walk *w, ck_mp4_box *box)
{
    w->has_header = false;
    return take_plain(w, box);
}

/* --- sample descriptions (sections 8.5.2, 12.1.3, 12.2.3) ------------------------------------ */

#define PICTURE_FIELDS 78
#define SOUND_FIELDS   28

/* Depth and colour table as the standard has them: QuickTime's would bring a palette along. */
static int take_picture(ck_mp4_walk *w, ck_mp4_box *box)
{
    ck_store_be32(box->data + PICTURE_FIELDS - 4, UINT32_C(0x0018ffff));
    return take_boxes(w, AVC1, box->data + PICTURE_FIELDS, box->size - PICTURE_FIELDS);
}

static int take_sound(ck_mp4_walk *w, ck_mp4_box *box)
{
    if (ck_load_be16(box->data + 8) != 0) {
        return ck_mp4_refuse(w, MP4A, CHALK_ERR_BAD_DATA, "it is QuickTime's");
    }
    return take_boxes(w, MP4A, box->data + SOUND_FIELDS, box->size - SOUND_FIELDS);
}

/* Another codec is refused by its name when its samples come: the type stays, all else goes. */
static int take_entry(ck_mp4_walk *w, ck_mp4_box *box)
{
    bool picture = w->handler == VIDE;
    const size_t common = 8; /* reserved; where the data are */
    if (++w->entries > CK_MP4_ENTRIES_MAX) {
        return too_many(w, STSD, "there are too many sample descriptions");
    }
    if (box->data != box->head + HEAD || box->size < (picture ? PICTURE_FIELDS : SOUND_FIELDS)) {
        return ck_mp4_refuse(w, box->type, CHALK_ERR_BAD_DATA, "it is too short");
    }
    if (box->type == ENCV || box->type == ENCA) {
        return ck_mp4_refuse(w, box->type, CHALK_ERR_UNSUPPORTED, "the samples are encrypted");
    }
    if (picture && (box->type == AVC1 || box->type == AVC3)) {
        return take_picture(w, box);
    }
    if (!picture && box->type == MP4A) {
        return take_sound(w, box);
    }
    memset(box->data + common, 0, box->size - common);
    return CHALK_OK;
}

/* --- what may stand where -------------------------------------------------------------------- */

typedef struct rule {
    uint32_t parent, type;
    int (*take)(ck_mp4_walk *w, ck_mp4_box *box); /* NULL: nothing is asked of its contents */
} rule;

static const rule rules[] = {
    {NOWHERE, FTYP, take_ftyp},       {NOWHERE, MDAT, NULL},
    {NOWHERE, MOOV, take_moov},       {NOWHERE, MOOF, take_moof},
    {MOOV, MVHD, ck_mp4_take_header}, {MOOV, TRAK, take_trak},
    {MOOV, MVEX, take_plain},         {TRAK, TKHD, ck_mp4_take_header},
    {TRAK, EDTS, take_plain},         {TRAK, MDIA, take_plain},
    {EDTS, ELST, ck_mp4_take_elst},   {MDIA, MDHD, ck_mp4_take_header},
    {MDIA, HDLR, ck_mp4_take_hdlr},   {MDIA, MINF, take_plain},
    {MINF, STBL, take_plain},         {STBL, STSD, take_stsd},
    {AVC1, AVCC, ck_mp4_take_avcc},   {MP4A, ESDS, ck_mp4_take_esds},
    {MVEX, TREX, ck_mp4_take_trex},   {MOOF, TRAF, take_traf},
    {TRAF, TFHD, ck_mp4_take_tfhd},   {TRAF, TFDT, ck_mp4_take_tfdt},
    {TRAF, TRUN, ck_mp4_take_trun},
};

/* No rule leads back to a box above it: the table bounds the depth. */
static int take_box(ck_mp4_walk *w, uint32_t parent, ck_mp4_box *box)
{
    if (parent == STSD) {
        return take_entry(w, box);
    }
    for (size_t i = 0; i < CK_COUNT_OF(rules); i++) {
        if (rules[i].parent == parent && rules[i].type == box->type) {
            return rules[i].take != NULL ? rules[i].take(w, box) : CHALK_OK;
        }
    }
    blank(box);
    return CHALK_OK;
}

/* Media data that end where the bytes do say so, lest a demuxer looks for the rest. */
static size_t end_here(ck_mp4_box *box, size_t left)
{
    ck_store_be32(box->head, (uint32_t)left);
    box->data = box->head + HEAD;
    box->size = left - HEAD;
    return left;
}

int ck_mp4_prune(uint8_t *data, size_t *size, ck_mp4_fault *fault)
{
    ck_mp4_walk w = {.fault = fault};
    int status = CHALK_OK;
    size_t at = 0;
    memset(fault, 0, sizeof *fault);
    while (status == CHALK_OK && *size - at >= HEAD) {
        ck_mp4_box box;
        size_t left = *size - at;
        uint64_t whole = read_head(data + at, left, &box);
        bool cut = whole == 0 || whole > left;
        if (cut && (box.type != MDAT || left > UINT32_MAX)) {
            *size = at;
            break;
        }
        whole = cut ? end_here(&box, left) : whole;
        status = take_box(&w, NOWHERE, &box);
        at += (size_t)whole;
    }
    if (status == CHALK_OK && !w.has_movie) {
        status = ck_mp4_refuse(&w, MOOV, CHALK_ERR_BAD_DATA, "there is none");
    } else if (status == CHALK_OK && w.fragments == 0) {
        status = ck_mp4_refuse(&w, MOOF, CHALK_ERR_BAD_DATA, "there is none");
    }
    return status;
}
