#include "support/movie.h"

#include <string.h>

#define SAMPLE 10

static size_t begin(ck_buf *b, const char *type)
{
    size_t at = b->size;
    ck_buf_put_be32(b, 0);
    ck_buf_put(b, type, 4);
    return at;
}

/* Sets what stands there already, unless there was no memory for it. */
static void set(ck_buf *b, size_t at, uint32_t value)
{
    if (!b->failed) {
        ck_store_be32(b->data + at, value);
    }
}

static void end(ck_buf *b, size_t at)
{
    set(b, at, (uint32_t)(b->size - at));
}

static void zeros(ck_buf *b, size_t count)
{
    uint8_t *room = ck_buf_extend(b, count);
    if (room != NULL) {
        memset(room, 0, count);
    }
}

/* A box of zeros, but for its version and flags. */
static void plain(ck_buf *b, const char *type, uint32_t flags, size_t size)
{
    size_t at = begin(b, type);
    ck_buf_put_be32(b, flags);
    zeros(b, size - 4);
    end(b, at);
}

static void description(ck_buf *b, bool picture)
{
    static const char avcc[] = "\1\x42\xc0\x0a\xff\xe1\0\4\x67\x42\xc0\x0a\1\0\2\x68\xcb";
    static const char esds[] = "\0\0\0\0\x03\x19\0\1\0\x04\x11\x40\x15\0\0\0\0\0\0\0\0\0\0\0"
                               "\x05\x02\x11\x90\x06\x01\x02";
    size_t list = begin(b, "stsd");
    ck_buf_put_be64(b, 1);
    size_t entry = begin(b, picture ? "avc1" : "mp4a");
    zeros(b, 6);
    ck_buf_put_be16(b, 1);
    zeros(b, picture ? 70 : 20);
    size_t config = begin(b, picture ? "avcC" : "esds");
    ck_buf_put(b, picture ? avcc : esds, picture ? sizeof avcc - 1 : sizeof esds - 1);
    end(b, config);
    plain(b, "btrt", 0, 12);
    end(b, entry);
    end(b, list);
}

static void track(ck_buf *b, bool picture)
{
    size_t at = begin(b, "trak");
    plain(b, "tkhd", 3, 84);
    set(b, b->size - 72, picture ? 1 : 2);
    size_t edits = begin(b, "edts");
    plain(b, "elst", 0, 20);
    set(b, b->size - 16, 1);
    end(b, edits);
    size_t media = begin(b, "mdia");
    plain(b, "mdhd", 0, 24);
    set(b, b->size - 12, 90000);
    plain(b, "hdlr", 0, 25);
    set(b, b->size - 17, picture ? 0x76696465 : 0x736f756e); /* vide, soun */
    size_t inner = begin(b, "minf");
    size_t table = begin(b, "stbl");
    description(b, picture);
    plain(b, "stts", 0, 8);
    plain(b, "stsz", 0, 12);
    end(b, table);
    end(b, inner);
    end(b, media);
    end(b, at);
}

static void head(ck_buf *b)
{
    size_t at = begin(b, "moov");
    plain(b, "mvhd", 0, 100);
    track(b, true);
    track(b, false);
    size_t extends = begin(b, "mvex");
    for (uint32_t i = 1; i <= 2; i++) {
        plain(b, "trex", 0, 24);
        set(b, b->size - 20, i);
        set(b, b->size - 8, SAMPLE);
    }
    end(b, extends);
    plain(b, "udta", 0, 40);
    end(b, at);
}

static void fragment(ck_buf *b, uint32_t id)
{
    const uint32_t count = 3;
    plain(b, "sidx", 0, 44);
    size_t at = begin(b, "moof");
    plain(b, "mfhd", 0, 8);
    size_t of_track = begin(b, "traf");
    size_t header = begin(b, "tfhd");
    ck_buf_put_be32(b, 0x20000); /* offsets are from this box's start */
    ck_buf_put_be32(b, id);
    end(b, header);
    plain(b, "tfdt", UINT32_C(1) << 24, 12);
    size_t run = begin(b, "trun");
    bool sized = id == 1;
    ck_buf_put_be32(b, sized ? 0x201 : 0x1);
    ck_buf_put_be32(b, count);
    size_t offset = b->size;
    ck_buf_put_be32(b, 0);
    for (uint32_t i = 0; sized && i < count; i++) {
        ck_buf_put_be32(b, SAMPLE);
    }
    end(b, run);
    end(b, of_track);
    end(b, at);
    set(b, offset, (uint32_t)(b->size + 8 - at));
    size_t media = begin(b, "mdat");
    for (uint32_t i = 0; i < count; i++) {
        ck_buf_put(b, "\0\0\0\6\x65\x88\x84\x0a\xf2\x62", SAMPLE);
    }
    end(b, media);
}

void ck_movie_make(ck_buf *out)
{
    size_t at = begin(out, "ftyp");
    ck_buf_put(out, "iso5\0\0\0\0iso5", 12);
    end(out, at);
    head(out);
    fragment(out, 1);
    fragment(out, 2);
}

size_t ck_movie_find(const ck_buf *movie, const char *type, unsigned nth)
{
    for (size_t at = 4; at + 4 <= movie->size; at++) {
        if (memcmp(movie->data + at, type, 4) == 0 && nth-- == 0) {
            return at + 4;
        }
    }
    return 0;
}
