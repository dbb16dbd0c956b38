/* Fields of a sound movie set to what an attacker would write; and what is left in and out. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/mp4/prune.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/movie.h"

typedef struct row {
    const char *box;
    unsigned nth;
    int at; /* in the box's contents; below 0: in its head */
    uint32_t value;
    int status;
    const char *blamed; /* "": none */
} row;

static const row rows[] = {
    /* sizes that leave the box they are in, or no head at all */
    {"mvhd", 0, -8, 0x7fffffff, CHALK_ERR_BAD_DATA, "mvhd"},
    {"trak", 0, -8, 0x00100000, CHALK_ERR_BAD_DATA, "trak"},
    {"avcC", 0, -8, 300, CHALK_ERR_BAD_DATA, "avcC"},
    {"trun", 0, -8, 0xffffffff, CHALK_ERR_BAD_DATA, "trun"},
    {"trun", 0, -8, 7, CHALK_ERR_BAD_DATA, "trun"},
    {"udta", 0, -8, 0, CHALK_ERR_BAD_DATA, "udta"},
    {"tfhd", 0, -8, 1, CHALK_ERR_BAD_DATA, "tfhd"}, /* a 64-bit size, of zero */
    /* too short for what they say */
    {"mvhd", 0, 0, 0x01000000, CHALK_ERR_BAD_DATA, "mvhd"},
    {"mdhd", 0, 0, 0x01000000, CHALK_ERR_BAD_DATA, "mdhd"},
    {"tkhd", 1, 0, 0x01000000, CHALK_ERR_BAD_DATA, "tkhd"},
    {"elst", 0, 0, 0x01000000, CHALK_ERR_BAD_DATA, "elst"},
    {"tfhd", 0, 0, 0x0002003b, CHALK_ERR_BAD_DATA, "tfhd"},
    /* counts */
    {"stsd", 0, 4, 2, CHALK_ERR_BAD_DATA, "stsd"},
    {"stsd", 1, 4, 0xffffffff, CHALK_ERR_BAD_DATA, "stsd"},
    {"elst", 0, 4, 2, CHALK_ERR_BAD_DATA, "elst"},
    {"elst", 0, 4, 0x20000001, CHALK_ERR_BAD_DATA, "elst"},
    {"trun", 0, 4, 4, CHALK_ERR_BAD_DATA, "trun"},
    {"trun", 0, 4, 0x40000001, CHALK_ERR_BAD_DATA, "trun"},
    /* samples without a field of their own are not bounded by the box */
    {"trun", 1, 4, 0xffffffff, CHALK_ERR_TOO_LARGE, "trun"},
    {"trun", 1, 4, CK_MP4_SAMPLES_MAX - 2, CHALK_ERR_TOO_LARGE, "trun"},
    {"trun", 1, 4, CK_MP4_SAMPLES_MAX - 3, CHALK_OK, ""},
    {"trex", 1, 16, CK_MP4_PAYLOAD_MAX / 3 + 1, CHALK_ERR_TOO_LARGE, "trun"},
    {"trex", 1, 16, CK_MP4_PAYLOAD_MAX / 3 - 10, CHALK_OK, ""},
    {"trun", 0, 12, 0xffffffff, CHALK_ERR_TOO_LARGE, "trun"},
    /* descriptors of AAC */
    {"esds", 0, 4, 0x037f0001, CHALK_ERR_BAD_DATA, "esds"},
    {"esds", 0, 8, 0x00047f40, CHALK_ERR_BAD_DATA, "esds"},
    {"esds", 0, 8, 0x00051140, CHALK_ERR_BAD_DATA, "esds"},
    {"esds", 0, 24, 0x05ffffff, CHALK_ERR_BAD_DATA, "esds"},
    {"esds", 0, 24, 0x06ffffff, CHALK_OK, ""}, /* nobody follows that one */
    {"avcC", 0, 0, 0x00000012, CHALK_ERR_BAD_DATA, "avcC"},
    /* other codecs, other kinds of track, what QuickTime does differently */
    {"avc1", 0, -4, 0x68657631, CHALK_OK, ""},                  /* hev1 */
    {"avc1", 0, -4, 0x6d703461, CHALK_OK, ""},                  /* mp4a, laid out as a picture */
    {"avc1", 0, -4, 0x656e6376, CHALK_ERR_UNSUPPORTED, "encv"}, /* encrypted */
    {"mp4a", 0, 8, 0x00010000, CHALK_ERR_BAD_DATA, "mp4a"},     /* version 1 */
    {"hdlr", 0, 8, 0x74657874, CHALK_OK, ""},                   /* text */
    /* what has to be there */
    {"moov", 0, -4, 0x66726565, CHALK_ERR_BAD_DATA, "moov"},
    {"tfhd", 0, -4, 0x66726565, CHALK_ERR_BAD_DATA, "trun"},
    {"mfhd", 0, -4, 0x01020304, CHALK_OK, ""},
};

static void make(ck_buf *b)
{
    ck_buf_init(b, &ck_test_heap, 1u << 16);
    ck_movie_make(b);
    CK_CHECK_EQ(ck_buf_status(b), CHALK_OK);
}

CK_TEST(mp4, fields_that_lie)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_buf b;
        ck_mp4_fault fault;
        make(&b);
        size_t at = ck_movie_find(&b, rows[i].box, rows[i].nth);
        CK_CHECK_ROW(i, at > 0);
        ck_store_be32(b.data + at + rows[i].at, rows[i].value);
        CK_CHECK_ROW(i, ck_mp4_prune(b.data, &b.size, &fault) == rows[i].status);
        CK_CHECK_STR(fault.box, rows[i].blamed);
        CK_CHECK_ROW(i, (fault.text == NULL) == (rows[i].status == CHALK_OK));
        ck_buf_free(&b);
    }
}

CK_TEST(mp4, only_what_playing_needs_is_left)
{
    static const char *const gone[] = {"udta", "sidx", "stts", "stsz", "btrt", "mfhd"};
    static const char *const kept[] = {"ftyp", "moov", "avcC", "esds", "elst", "tfdt", "mdat"};
    ck_buf b;
    ck_mp4_fault fault;
    make(&b);
    size_t size = b.size;
    CK_CHECK_EQ(ck_mp4_prune(b.data, &b.size, &fault), CHALK_OK);
    CK_CHECK_EQ(b.size, size);
    for (size_t i = 0; i < CK_COUNT_OF(gone); i++) {
        CK_CHECK_ROW(i, ck_movie_find(&b, gone[i], 0) == 0);
    }
    for (size_t i = 0; i < CK_COUNT_OF(kept); i++) {
        CK_CHECK_ROW(i, ck_movie_find(&b, kept[i], 0) != 0);
    }
    ck_buf_free(&b);
}

CK_TEST(mp4, a_track_of_another_kind_is_skipped)
{
    ck_buf b;
    ck_mp4_fault fault;
    make(&b);
    memcpy(b.data + ck_movie_find(&b, "hdlr", 0) + 8, "meta", 4);
    CK_CHECK_EQ(ck_mp4_prune(b.data, &b.size, &fault), CHALK_OK);
    CK_CHECK(ck_movie_find(&b, "trak", 0) > ck_movie_find(&b, "avcC", 0));
    ck_buf_free(&b);
}

/* The same movie box again and again: the first counts. Tracks and fragments are bounded. */
CK_TEST(mp4, too_many)
{
    static const struct {
        const char *box;
        unsigned count;
        int status;
    } lists[] = {
        {"trak", CK_MP4_TRACKS_MAX - 2, CHALK_OK},
        {"trak", CK_MP4_TRACKS_MAX - 1, CHALK_ERR_TOO_LARGE},
        {"trex", CK_MP4_TRACKS_MAX - 1, CHALK_ERR_TOO_LARGE},
        {"moof", CK_MP4_FRAGMENTS_MAX - 2, CHALK_OK},
        {"moof", CK_MP4_FRAGMENTS_MAX - 1, CHALK_ERR_TOO_LARGE},
    };
    for (size_t i = 0; i < CK_COUNT_OF(lists); i++) {
        ck_buf b, more;
        ck_mp4_fault fault;
        make(&b);
        ck_buf_init(&more, &ck_test_heap, 1u << 22);
        bool top = strcmp(lists[i].box, "moof") == 0;
        size_t at = ck_movie_find(&b, lists[i].box, 0) - 8;
        size_t size = top ? 8 : ck_load_be32(b.data + at);
        ck_buf_put(&more, b.data, at);
        for (unsigned k = 0; k < lists[i].count; k++) {
            ck_buf_put(&more, b.data + at, size);
            CK_CHECK_EQ(ck_buf_status(&more), CHALK_OK);
            ck_store_be32(more.data + more.size - size, (uint32_t)size);
        }
        ck_buf_put(&more, b.data + at, b.size - at);
        CK_CHECK_EQ(ck_buf_status(&more), CHALK_OK);
        size_t above[2] = {ck_movie_find(&b, "moov", 0) - 8, ck_movie_find(&b, "mvex", 0) - 8};
        for (size_t k = 0; !top && k < 1u + (lists[i].box[2] == 'e'); k++) {
            uint32_t old = ck_load_be32(more.data + above[k]);
            ck_store_be32(more.data + above[k], old + (uint32_t)(lists[i].count * size));
        }
        CK_CHECK_ROW(i, ck_mp4_prune(more.data, &more.size, &fault) == lists[i].status);
        ck_buf_free(&more);
        ck_buf_free(&b);
    }
}

CK_TEST(mp4, boxes_that_are_too_large)
{
    static const struct {
        const char *box;
        uint32_t most; /* bytes of its contents */
    } boxes[] = {{"ftyp", 4096}, {"moov", CK_MP4_MOVIE_MAX}};
    static uint8_t data[8 + CK_MP4_MOVIE_MAX + 1];
    for (size_t i = 0; i < 2 * CK_COUNT_OF(boxes); i++) {
        uint32_t over = i % 2;
        size_t size = 8 + boxes[i / 2].most + over;
        ck_mp4_fault fault;
        memset(data, 0, sizeof data);
        ck_store_be32(data, (uint32_t)size);
        memcpy(data + 4, boxes[i / 2].box, 4);
        int status = ck_mp4_prune(data, &size, &fault);
        CK_CHECK_ROW(i, status == (over ? CHALK_ERR_TOO_LARGE : CHALK_ERR_BAD_DATA));
        CK_CHECK_ROW(i, !over || strcmp(fault.box, boxes[i / 2].box) == 0);
    }
}

CK_TEST(mp4, media_that_are_cut)
{
    ck_buf b;
    ck_mp4_fault fault;
    make(&b);
    size_t media = ck_movie_find(&b, "mdat", 1) - 8;
    size_t whole = b.size;
    b.size -= 3;
    CK_CHECK_EQ(ck_mp4_prune(b.data, &b.size, &fault), CHALK_OK);
    CK_CHECK_EQ(b.size, whole - 3);
    CK_CHECK_EQ(ck_load_be32(b.data + media), b.size - media);
    ck_store_be32(b.data + media, 0); /* up to the end */
    CK_CHECK_EQ(ck_mp4_prune(b.data, &b.size, &fault), CHALK_OK);
    CK_CHECK_EQ(ck_load_be32(b.data + media), b.size - media);
    size_t last = ck_movie_find(&b, "moof", 1) - 8;
    b.size = media - 1; /* in the fragment's own box: it is left out */
    CK_CHECK_EQ(ck_mp4_prune(b.data, &b.size, &fault), CHALK_OK);
    CK_CHECK_EQ(b.size, last);
    b.size = ck_movie_find(&b, "mvex", 0);
    CK_CHECK_EQ(ck_mp4_prune(b.data, &b.size, &fault), CHALK_ERR_BAD_DATA);
    CK_CHECK_STR(fault.box, "moov");
    ck_buf_free(&b);
}

CK_TEST(mp4, bytes_that_are_no_movie)
{
    static const char *const texts[] = {"", "1234567", "\0\0\0\1mdat", "\0\0\0\7moov"};
    for (size_t i = 0; i < CK_COUNT_OF(texts); i++) {
        uint8_t data[16] = {0};
        size_t size = i < 2 ? strlen(texts[i]) : 8;
        ck_mp4_fault fault;
        memcpy(data, texts[i], size);
        CK_CHECK_ROW(i, ck_mp4_prune(data, &size, &fault) == CHALK_ERR_BAD_DATA);
    }
}
