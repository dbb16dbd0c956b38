#include "core/h264/split.h"

#include "chalkrail/errors.h"

void ck_h264_split_init(ck_h264_split *split, const ck_alloc *alloc, size_t nal_size_max)
{
    *split = (ck_h264_split){.status = CHALK_OK};
    ck_buf_init(&split->pending, alloc, nal_size_max);
}

void ck_h264_split_free(ck_h264_split *split)
{
    ck_buf_free(&split->pending);
}

int ck_h264_split_feed(ck_h264_split *split, const void *data, size_t size)
{
    if (split->ended) {
        return CHALK_ERR_BAD_STATE;
    }
    if (split->status < 0) {
        return split->status;
    }
    ck_buf_drop_front(&split->pending, split->start);
    split->scanned -= split->start;
    split->start = 0;
    ck_buf_put(&split->pending, data, size);
    split->status = ck_buf_status(&split->pending);
    return split->status;
}

void ck_h264_split_end(ck_h264_split *split)
{
    split->ended = true;
}

/* The bytes up to the next start code, or to the end of the stream: 1; 0 when that is not known
 * yet; or an error. */
static int next_range(ck_h264_split *split, const uint8_t **data, size_t *size)
{
    const uint8_t *base = split->pending.data;
    const uint8_t *end = base + split->pending.size;
    const uint8_t *at = base + split->start;
    int status = ck_h264_skip_start_code(&at, end);
    if (status <= 0) {
        return status;
    }
    /* A start code may begin in the last two bytes that were looked at. */
    size_t body = (size_t)(at - base);
    size_t from = split->scanned > body + 2 ? split->scanned - 2 : body;
    const uint8_t *next = ck_h264_find_start_code(base + from, end);
    if (next == end && !split->ended) {
        split->scanned = split->pending.size;
        return 0;
    }
    *data = at;
    *size = (size_t)(next - at);
    split->start = split->scanned = (size_t)(next - base);
    return 1;
}

int ck_h264_split_next(ck_h264_split *split, ck_h264_nal *nal)
{
    while (split->status == CHALK_OK && split->pending.size > split->start) {
        const uint8_t *data = NULL;
        size_t size = 0;
        int status = next_range(split, &data, &size);
        if (status <= 0) {
            split->status = status;
            return status;
        }
        size = ck_h264_trim_zeros(data, size);
        if (size > 0) {
            split->status = ck_h264_nal_of(data, size, nal);
            return split->status == CHALK_OK ? 1 : split->status;
        }
    }
    return split->status;
}
