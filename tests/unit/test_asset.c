/* What a file for the board is, told from its beginning. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/asset/asset.h"
#include "support/check.h"

#define PNG_HEAD    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
#define JPEG_HEAD   "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
#define FRAME(code) "\xff" code "\0\x11\x08\0\x09\0\x07\3\1\x22\0\2\x11\1\3\x11\1"
#define BYTES(text) text, sizeof(text) - 1

typedef struct row {
    const char *bytes;
    size_t size;
    int status; /* of ck_asset_read */
    enum ck_asset_kind kind;
    uint32_t wide, high;
} row;

static const row rows[] = {
    {BYTES(PNG_HEAD "\0\0\2\x80\0\0\1\xe0\x08\6\0\0\0"), CHALK_OK, CK_ASSET_PNG, 640, 480},
    {BYTES(PNG_HEAD "\0\0\0\1\0\0\0\1\1\0\0\0\1"), CHALK_OK, CK_ASSET_PNG, 1, 1},
    {BYTES(PNG_HEAD "\0\0\x40\0\0\0\x0f\x42\x08\2\0\0\0"), CHALK_OK, CK_ASSET_PNG, 16384, 3906},
    {BYTES(PNG_HEAD "\0\0\x40\0\0\0\x0f\x43\x08\2\0\0\0"), CHALK_ERR_TOO_LARGE, 0, 0, 0},
    {BYTES(PNG_HEAD "\0\0\x40\1\0\0\0\1\x08\2\0\0\0"), CHALK_ERR_TOO_LARGE, 0, 0, 0},
    {BYTES(PNG_HEAD "\0\1\x86\xa0\0\1\x86\xa0\x08\2\0\0\0"), CHALK_ERR_TOO_LARGE, 0, 0, 0},
    {BYTES(PNG_HEAD "\0\0\0\0\0\0\0\1\x08\2\0\0\0"), CHALK_ERR_BAD_DATA, 0, 0, 0},
    {BYTES(PNG_HEAD "\0\0\0\1\0\0\0\1\7\2\0\0\0"), CHALK_ERR_BAD_DATA, 0, 0, 0},
    {BYTES(PNG_HEAD "\0\0\0\1\0\0\0\1\4\2\0\0\0"), CHALK_ERR_BAD_DATA, 0, 0, 0},
    {BYTES(PNG_HEAD "\0\0\0\1\0\0\0\1\x08\5\0\0\0"), CHALK_ERR_BAD_DATA, 0, 0, 0},
    {BYTES(PNG_HEAD "\0\0\0\1\0\0\0\1\x08\2\0\0"), CHALK_ERR_BAD_DATA, 0, 0, 0},
    {BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIDAT\0\0\0\1\0\0\0\1\x08\2\0\0\0"), CHALK_ERR_BAD_DATA, 0, 0,
     0},
    {BYTES(JPEG_HEAD FRAME("\xc0")), CHALK_OK, CK_ASSET_JPEG, 7, 9},
    {BYTES(JPEG_HEAD "\xff\xff\xff\xfe\0\5abc" FRAME("\xc2")), CHALK_OK, CK_ASSET_JPEG, 7, 9},
    {BYTES("\xff\xd8" FRAME("\xc1")), CHALK_OK, CK_ASSET_JPEG, 7, 9},
    {BYTES(JPEG_HEAD FRAME("\xc3")), CHALK_ERR_UNSUPPORTED, 0, 0, 0},
    {BYTES(JPEG_HEAD FRAME("\xc9")), CHALK_ERR_UNSUPPORTED, 0, 0, 0},
    {BYTES(JPEG_HEAD "\xff\xda"), CHALK_ERR_BAD_DATA, 0, 0, 0},
    {BYTES(JPEG_HEAD "\xff\xfe\0\1"), CHALK_ERR_BAD_DATA, 0, 0, 0},
    {BYTES(JPEG_HEAD "\xff\xfe\xff\xff"), CHALK_ERR_BAD_DATA, 0, 0, 0},
    {BYTES("RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\1\0\x9d\1\x2a\x40\1\xf0\0"), CHALK_OK,
     CK_ASSET_WEBP, 320, 240},
    {BYTES("RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\x3f\xc1\x3b\0"), CHALK_OK, CK_ASSET_WEBP, 320,
     240},
    {BYTES("RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x3f\1\0\xef\0\0"), CHALK_OK, CK_ASSET_WEBP,
     320, 240},
    {BYTES("RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0\x3f\1\0\xef\0\0"), CHALK_ERR_UNSUPPORTED, 0, 0,
     0},
    {BYTES("RIFF\x24\0\0\0WAVEfmt "), CHALK_ERR_UNSUPPORTED, 0, 0, 0},
    {BYTES("%PDF-1.4\n"), CHALK_OK, CK_ASSET_PDF, 0, 0},
    {BYTES("%PDF 1.4\n"), CHALK_ERR_BAD_DATA, 0, 0, 0},
    {BYTES("GIF89a"), CHALK_ERR_UNSUPPORTED, 0, 0, 0},
    {BYTES("%P"), CHALK_ERR_BAD_DATA, 0, 0, 0},
};

CK_TEST(asset, a_file_is_known_by_its_beginning)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_asset_probe probe;
        int status = ck_asset_read(ck_bytes_of(rows[i].bytes, rows[i].size), &probe);
        if (status != rows[i].status || probe.kind != rows[i].kind || probe.wide != rows[i].wide ||
            probe.high != rows[i].high) {
            CK_FAIL("row %zu: %d, kind %d, %u x %u", i, status, probe.kind, probe.wide, probe.high);
        }
    }
}

CK_TEST(asset, bytes_come_in_any_pieces)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_asset_probe probe;
        int status = 0;
        ck_asset_probe_init(&probe);
        for (size_t at = 0; at < rows[i].size; at++) {
            status = ck_asset_probe_feed(&probe, ck_bytes_of(rows[i].bytes + at, 1));
        }
        int expected = rows[i].status == CHALK_OK ? 1 : rows[i].status;
        bool cut = status == 0 && expected == CHALK_ERR_BAD_DATA;
        if (status != expected && !cut) {
            CK_FAIL("row %zu: %d", i, status);
        }
    }
}

CK_TEST(asset, hashes_are_64_digits)
{
    uint8_t hash[CK_ASSET_HASH];
    CK_CHECK(ck_asset_read_hash("00ff0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab",
                                hash));
    CK_CHECK_EQ(hash[0], 0);
    CK_CHECK_EQ(hash[1], 255);
    CK_CHECK_EQ(hash[31], 0xab);
    CK_CHECK(!ck_asset_read_hash("00FF0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab",
                                 hash));
    CK_CHECK(!ck_asset_read_hash("00ff", hash));
    CK_CHECK(!ck_asset_read_hash(
        "00ff0123456789abcdef0123456789abcdef0123456789abcdef0123456789abc", hash));
}

CK_TEST(asset, kinds_have_names)
{
    CK_CHECK_STR(ck_asset_type(CK_ASSET_PDF), "application/pdf");
    CK_CHECK_EQ(ck_asset_kind_of("webp"), CK_ASSET_WEBP);
    CK_CHECK_EQ(ck_asset_kind_of("exe"), CK_ASSET_NONE);
    CK_CHECK_STR(ck_asset_end(CK_ASSET_NONE), "");
}
