#include "core/room/lines.h"

#include "base/text.h"
#include "chalkrail/errors.h"

static void put_bytes(ck_buf *out, ck_bytes bytes)
{
    ck_wire_put_varint(out, bytes.size);
    ck_buf_put(out, bytes.data, bytes.size);
}

void ck_line_write(ck_line_writer *w, const ck_event *event)
{
    ck_wire_put_varint(w->lines, event->number - w->line_number - 1);
    ck_wire_put_varint(w->lines, event->author);
    ck_wire_put_varint(w->lines, event->target);
    ck_wire_put_varint(w->lines, event->times);
    put_bytes(w->lines, event->text);
    put_bytes(w->lines, event->data);
    w->line_number = event->number;
}

void ck_line_write_again(ck_line_writer *w, const ck_event *event)
{
    ck_wire_put_varint(w->again, event->number - w->again_number - 1);
    ck_wire_put_varint(w->again, event->number - event->about);
    ck_wire_put_varint(w->again, event->times);
    w->again_number = event->number;
}

ck_line_reader ck_line_reader_of(const ck_wire_batch *crowd)
{
    return (ck_line_reader){
        .lines = ck_reader_of(crowd->lines.data, crowd->lines.size),
        .again = ck_reader_of(crowd->again.data, crowd->again.size),
        .line_number = crowd->from,
        .again_number = crowd->from,
        .at_us = crowd->base_us,
    };
}

static bool read_number(ck_reader *in, uint64_t *number)
{
    uint64_t skip = ck_wire_get_varint(in);
    bool fits = !in->failed && skip < UINT64_MAX - *number;
    *number += fits ? skip + 1 : 0;
    return fits;
}

static ck_bytes read_text(ck_reader *in, size_t most)
{
    uint64_t size = ck_wire_get_varint(in);
    if (in->failed || size > most || size > ck_reader_left(in)) {
        in->failed = true;
        return (ck_bytes){0};
    }
    const ck_bytes text = {ck_read_bytes(in, (size_t)size), (size_t)size};
    in->failed = in->failed || ck_utf8_valid_prefix(text.data, text.size) != text.size;
    return text;
}

static int read_line(ck_line_reader *r, ck_event *event)
{
    if (!read_number(&r->lines, &r->line_number)) {
        return CHALK_ERR_BAD_DATA;
    }
    event->kind = CK_EVENT_CHAT;
    event->number = r->line_number;
    event->author = ck_wire_get_varint(&r->lines);
    event->target = ck_wire_get_varint(&r->lines);
    event->times = ck_wire_get_varint(&r->lines);
    event->text = read_text(&r->lines, CK_TEXT_MAX);
    event->data = read_text(&r->lines, CK_NAME_BYTES);
    return r->lines.failed ? CHALK_ERR_BAD_DATA : 1;
}

static int read_again(ck_line_reader *r, ck_event *event)
{
    if (!read_number(&r->again, &r->again_number)) {
        return CHALK_ERR_BAD_DATA;
    }
    uint64_t back = ck_wire_get_varint(&r->again);
    event->kind = CK_EVENT_REPEAT;
    event->number = r->again_number;
    event->about = r->again_number - back;
    event->times = ck_wire_get_varint(&r->again);
    return r->again.failed || back > r->again_number ? CHALK_ERR_BAD_DATA : 1;
}

int ck_line_read(ck_line_reader *r, ck_event *event)
{
    *event = (ck_event){.lane = CK_LANE_CROWD, .order_us = r->at_us, .origin_us = r->at_us};
    if (ck_reader_left(&r->lines) > 0) {
        return read_line(r, event);
    }
    return ck_reader_left(&r->again) > 0 ? read_again(r, event) : 0;
}
