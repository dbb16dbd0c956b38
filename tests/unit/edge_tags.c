#include "unit/edge_tags.h"

#include "chalkrail/errors.h"
#include "core/flv/meta.h"
#include "support/check.h"

#define MARK_SIZE 8

static const uint8_t heads[][5] = {
    [CK_MEDIA_VIDEO_CONFIG] = {0x17, 0x00, 0, 0, 0},
    [CK_MEDIA_AUDIO_CONFIG] = {0xaf, 0x00},
    [CK_MEDIA_KEY] = {0x17, 0x01, 0, 0, 0},
    [CK_MEDIA_INTER] = {0x27, 0x01, 0, 0, 0},
    [CK_MEDIA_AUDIO] = {0xaf, 0x01},
};

static bool is_sound(enum ck_media_class class)
{
    return class == CK_MEDIA_AUDIO || class == CK_MEDIA_AUDIO_CONFIG;
}

static ck_flv_tag make_meta(const ck_alloc *alloc, uint32_t timestamp_ms, tag_mark mark)
{
    ck_flv_tag tag = {.type = CK_FLV_SCRIPT, .timestamp_ms = timestamp_ms};
    ck_buf text;
    ck_buf_init(&text, alloc, 4096);
    ck_flv_meta_write(&text, &(ck_flv_meta){.width = 16u + mark.config, .height = 16});
    if (ck_buf_status(&text) == CHALK_OK) {
        tag.body = ck_slice_copy(alloc, text.data, text.size);
    }
    ck_buf_free(&text);
    return tag;
}

ck_flv_tag tag_make(const ck_alloc *alloc, enum ck_media_class class, uint32_t timestamp_ms,
                    tag_mark mark, size_t padding)
{
    if (class == CK_MEDIA_META) {
        return make_meta(alloc, timestamp_ms, mark);
    }
    size_t head = is_sound(class) ? 2 : 5;
    ck_flv_tag tag = {.type = is_sound(class) ? CK_FLV_AUDIO : CK_FLV_VIDEO,
                      .timestamp_ms = timestamp_ms,
                      .body = ck_slice_new(alloc, head + MARK_SIZE + padding)};
    uint8_t *bytes = tag.body.data != NULL ? ck_slice_mutable(tag.body) : NULL;
    if (bytes != NULL) {
        memcpy(bytes, heads[class], head);
        bytes += head;
        bytes[0] = mark.stream;
        bytes[1] = mark.config;
        bytes[2] = (uint8_t)(mark.gop >> 8);
        bytes[3] = (uint8_t)mark.gop;
        ck_store_be32(bytes + 4, mark.number);
        memset(bytes + MARK_SIZE, 0x55, padding);
    }
    return tag;
}

enum ck_media_class tag_class(const ck_flv_tag *tag)
{
    enum ck_media_class class;
    const char *refused;
    CK_CHECK_EQ(ck_media_classify(tag, &class, &refused), CHALK_OK);
    return class;
}

tag_mark tag_read_mark(const ck_flv_tag *tag)
{
    ck_flv_meta meta;
    if (tag->type == CK_FLV_SCRIPT) {
        CK_CHECK_EQ(ck_flv_meta_parse(tag->body.data, tag->body.size, &meta), CHALK_OK);
        return (tag_mark){.config = (uint8_t)(meta.width - 16)};
    }
    const uint8_t *bytes = tag->body.data + (tag->type == CK_FLV_AUDIO ? 2 : 5);
    return (tag_mark){.stream = bytes[0],
                      .config = bytes[1],
                      .gop = (uint16_t)(bytes[2] << 8 | bytes[3]),
                      .number = ck_load_be32(bytes + 4)};
}

ck_stream_name name_of(const char *path)
{
    ck_stream_name name;
    const char *why;
    CK_CHECK_EQ(ck_stream_name_parse(&name, path, &why), CHALK_OK);
    return name;
}

int send_tag(ck_hub_stream *stream, const ck_alloc *alloc, enum ck_media_class class,
             uint32_t timestamp_ms, tag_mark mark, uint64_t now_us)
{
    ck_flv_tag tag = tag_make(alloc, class, timestamp_ms, mark, 100);
    int status =
        tag.body.data != NULL ? ck_hub_send(stream, &tag, now_us, NULL) : CHALK_ERR_NO_MEMORY;
    ck_slice_unref(&tag.body);
    return status;
}
