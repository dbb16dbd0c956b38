#include "core/flv/mux.h"

#include "base/bytes.h"
#include "chalkrail/errors.h"
#include "core/flv/tag.h"

#include <string.h>

void ck_flv_write_file_head(uint8_t out[CK_FLV_FILE_HEAD], bool has_audio, bool has_video)
{
    memcpy(out, "FLV\x01", 4);
    out[4] = (uint8_t)((has_audio ? 4 : 0) | (has_video ? 1 : 0));
    ck_store_be32(out + 5, 9);
    ck_store_be32(out + 9, 0);
}

int ck_flv_write_tag_head(uint8_t out[CK_FLV_TAG_HEAD], uint8_t type, uint32_t timestamp_ms,
                          uint32_t body_size)
{
    bool known = type == CK_FLV_AUDIO || type == CK_FLV_VIDEO || type == CK_FLV_SCRIPT;
    if (!known || body_size > CK_FLV_BODY_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    out[0] = type;
    ck_store_be24(out + 1, body_size);
    ck_store_be24(out + 4, timestamp_ms & 0xffffff);
    out[7] = (uint8_t)(timestamp_ms >> 24);
    ck_store_be24(out + 8, 0);
    return CHALK_OK;
}

void ck_flv_write_tag_tail(uint8_t out[CK_FLV_TAG_TAIL], uint32_t body_size)
{
    ck_store_be32(out, CK_FLV_TAG_HEAD + body_size);
}
