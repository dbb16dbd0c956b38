#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/aac/id3.h"
#include "support/check.h"

#define OWNER "com.apple.streaming.transportStreamTimestamp"
#define STAMP "\0\0\0\1\2\3\4\5"
#define WANT  UINT64_C(0x102030405)

CK_TEST(id3, tags_are_read)
{
    static const struct {
        const char *data;
        size_t size;
        int status;
        size_t tag;
        uint64_t stamp; /* 0: none */
    } rows[] = {
#define ROW(text, ...) {text, sizeof(text) - 1, __VA_ARGS__}
        ROW("", CHALK_ERR_NOT_FOUND, 0, 0),
        ROW("ID3\4\0\0\0\0\0", CHALK_ERR_NOT_FOUND, 0, 0),
        ROW("ID2\4\0\0\0\0\0\0", CHALK_ERR_NOT_FOUND, 0, 0),
        ROW("ID3\4\0\0\0\0\0\0more", CHALK_OK, 10, 0),
        ROW("ID3\4\0\0\0\0\0\1", CHALK_ERR_BAD_DATA, 11, 0),
        ROW("ID3\4\0\0\x7f\x7f\x7f\x7f", CHALK_ERR_BAD_DATA, 0x0fffffff + 10, 0),
        ROW("ID3\4\0\0\0\0\0\77PRIV\0\0\0\65\0\0" OWNER "\0" STAMP "after", CHALK_OK, 73, WANT),
        /* only 33 bits count */
        ROW("ID3\4\0\0\0\0\0\77PRIV\0\0\0\65\0\0" OWNER "\0\xff\xff\xff\xff\2\3\4\5", CHALK_OK, 73,
            WANT),
        /* behind another frame, behind an extended head, with a footer, padded */
        ROW("ID3\3\0\0\0\0\0\112TIT2\0\0\0\1\0\0xPRIV\0\0\0\65\0\0" OWNER "\0" STAMP, CHALK_OK, 84,
            WANT),
        ROW("ID3\4\0\100\0\0\0\105\0\0\0\6\1\0PRIV\0\0\0\65\0\0" OWNER "\0" STAMP, CHALK_OK, 79,
            WANT),
        ROW("ID3\3\0\100\0\0\0\111\0\0\0\6\0\0\0\0\0\0PRIV\0\0\0\65\0\0" OWNER "\0" STAMP, CHALK_OK,
            83, WANT),
        ROW("ID3\4\0\020\0\0\0\1\0FOOTERHEAD", CHALK_OK, 21, 0),
        ROW("ID3\4\0\0\0\0\0\117PRIV\0\0\0\65\0\0" OWNER "\0" STAMP
            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            CHALK_OK, 89, WANT),
        /* another owner, too short for a stamp, a frame that leaves the tag */
        ROW("ID3\4\0\0\0\0\0\77PRIV\0\0\0\65\0\0Com.apple.streaming."
            "transportStreamTimestamp\0" STAMP,
            CHALK_OK, 73, 0),
        ROW("ID3\4\0\0\0\0\0\76PRIV\0\0\0\64\0\0" OWNER "\0\0\0\0\1\2\3\4", CHALK_OK, 72, 0),
        ROW("ID3\4\0\0\0\0\0\76PRIV\0\0\0\65\0\0" OWNER "\0\0\0\0\1\2\3\4", CHALK_OK, 72, 0),
        ROW("ID3\4\0\100\0\0\0\4\0\0\1\0", CHALK_OK, 14, 0),
#undef ROW
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_id3 tag;
        const uint8_t *data = (const uint8_t *)rows[i].data;
        CK_CHECK_ROW(i, ck_id3_parse(data, rows[i].size, &tag) == rows[i].status);
        CK_CHECK_ROW(i, tag.size == rows[i].tag && tag.has_stamp == (rows[i].stamp != 0));
        CK_CHECK_ROW(i, tag.stamp == rows[i].stamp);
    }
}
