#include "core/aac/adts.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/aac/bits.h"

#include <string.h>

#define HEAD_WITH_CHECKSUM 9
#define FRAME_LENGTH       1024
#define BUFFER_UNKNOWN     0x7ff /* "variable bit rate" */

static int refuse(ck_adts *out, const char *what)
{
    out->config.refused = what;
    return CHALK_ERR_CODEC_UNKNOWN;
}

int ck_adts_parse(const uint8_t head[CK_ADTS_HEAD], ck_adts *out)
{
    ck_bits_in b = ck_bits_of(head, CK_ADTS_HEAD);
    ck_aac_config *config = &out->config;
    memset(out, 0, sizeof *out);
    uint32_t sync = ck_bits_get(&b, 12);
    ck_bits_get(&b, 1); /* ID: MPEG-4 or MPEG-2, the same frames */
    uint32_t layer = ck_bits_get(&b, 2);
    out->head_size = ck_bits_get(&b, 1) != 0 ? CK_ADTS_HEAD : HEAD_WITH_CHECKSUM;
    config->object_type = (uint8_t)(ck_bits_get(&b, 2) + 1);
    config->sample_rate_hz = ck_aac_rate_of_index(ck_bits_get(&b, 4));
    ck_bits_get(&b, 1); /* private */
    config->channel_config = (uint8_t)ck_bits_get(&b, 3);
    config->channels = ck_aac_channels(config->channel_config);
    config->frame_length = FRAME_LENGTH;
    ck_bits_get(&b, 4); /* original, home, copyright bit and its start */
    out->frame_size = (uint16_t)ck_bits_get(&b, 13);
    ck_bits_get(&b, 11); /* buffer fullness */
    out->blocks = (uint8_t)(ck_bits_get(&b, 2) + 1);
    if (sync != 0xfff || layer != 0 || config->sample_rate_hz == 0 ||
        out->frame_size < out->head_size) {
        return CHALK_ERR_BAD_DATA;
    }
    if (config->object_type != CK_AAC_LC) {
        return refuse(out, "an AAC profile other than LC in ADTS");
    }
    if (config->channel_config == 0) {
        return refuse(out, "AAC channels in a program config element");
    }
    if (out->blocks != 1) {
        return refuse(out, "several raw data blocks in an ADTS frame");
    }
    return CHALK_OK;
}

int ck_adts_write(uint8_t out[CK_ADTS_HEAD], const ck_aac_config *config, size_t payload_size)
{
    int index = ck_aac_rate_index(config->sample_rate_hz);
    if (index < 0 || ck_aac_channels(config->channel_config) == 0 ||
        config->object_type != CK_AAC_LC || payload_size > CK_ADTS_FRAME_MAX - CK_ADTS_HEAD) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_bits_out b = {.data = out, .size = CK_ADTS_HEAD * 8};
    memset(out, 0, CK_ADTS_HEAD);
    ck_bits_put(&b, 12, 0xfff);
    ck_bits_put(&b, 4, 1); /* MPEG-4, layer 0, no checksum */
    ck_bits_put(&b, 2, CK_AAC_LC - 1);
    ck_bits_put(&b, 4, (uint32_t)index);
    ck_bits_put(&b, 1, 0);
    ck_bits_put(&b, 3, config->channel_config);
    ck_bits_put(&b, 4, 0);
    ck_bits_put(&b, 13, (uint32_t)(payload_size + CK_ADTS_HEAD));
    ck_bits_put(&b, 11, BUFFER_UNKNOWN);
    ck_bits_put(&b, 2, 0); /* one raw data block */
    return CHALK_OK;
}

void ck_adts_split_init(ck_adts_split *s)
{
    memset(s, 0, sizeof *s);
    s->input = ck_reader_of(NULL, 0);
}

int ck_adts_split_feed(ck_adts_split *s, const void *data, size_t size)
{
    if (s->status != CHALK_OK) {
        return s->status;
    }
    if (ck_reader_left(&s->input) > 0) {
        return CHALK_ERR_BAD_STATE;
    }
    s->input = ck_reader_of(data, size);
    return CHALK_OK;
}

/* Fills the frame up to `size` bytes; true once they are there. */
static bool gather(ck_adts_split *s, size_t size)
{
    CK_INVARIANT(size <= sizeof s->frame && s->have <= size, return false);
    size_t taken = CK_MIN(size - s->have, ck_reader_left(&s->input));
    if (taken > 0) {
        memcpy(s->frame + s->have, ck_read_bytes(&s->input, taken), taken);
        s->have += taken;
    }
    return s->have == size;
}

/* Finds a header: CHALK_OK with it at the start of the frame, AGAIN, or a refusal. */
static int find_head(ck_adts_split *s)
{
    while (gather(s, CK_ADTS_HEAD)) {
        int status = ck_adts_parse(s->frame, &s->head);
        /* While searching, a header that would be refused is more likely to be chance. */
        bool chance = status == CHALK_ERR_CODEC_UNKNOWN && s->searching;
        if (status != CHALK_ERR_BAD_DATA && !chance) {
            s->searching = false;
            return status;
        }
        s->searching = true;
        memmove(s->frame, s->frame + 1, CK_ADTS_HEAD - 1);
        s->have = CK_ADTS_HEAD - 1;
        s->skipped++;
    }
    return CHALK_ERR_AGAIN;
}

int ck_adts_split_poll(ck_adts_split *s, ck_adts_frame *frame)
{
    if (s->status != CHALK_OK) {
        return s->status;
    }
    if (s->have < CK_ADTS_HEAD) {
        int status = find_head(s);
        if (status != CHALK_OK) {
            s->status = status == CHALK_ERR_AGAIN ? CHALK_OK : status;
            return status;
        }
    }
    if (!gather(s, s->head.frame_size)) {
        return CHALK_ERR_AGAIN;
    }
    s->have = 0;
    frame->head = s->head;
    frame->payload = s->frame + s->head.head_size;
    frame->payload_size = (size_t)s->head.frame_size - s->head.head_size;
    return CHALK_OK;
}
