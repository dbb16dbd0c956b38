#include "core/room/schema.h"

#include "base/check.h"

#include <stddef.h>

#define TYPE(name)                                                                                 \
    static const ck_wire_field fields_##name[] = {CK_MESSAGE_##name(FIELD_##name)};                \
    const ck_wire_type ck_type_##name = {fields_##name, CK_COUNT_OF(fields_##name),                \
                                         sizeof(ck_wire_##name)};
#define ROW(message, number, kind, name, limit)                                                    \
    {number, CK_WIRE_##kind, offsetof(ck_wire_##message, name), limit},
/* A macro cannot be told the message that it is in, so each has its own. */
#define FIELD_event(n, k, m, l)    ROW(event, n, k, m, l)
#define FIELD_spot(n, k, m, l)     ROW(spot, n, k, m, l)
#define FIELD_pointer(n, k, m, l)  ROW(pointer, n, k, m, l)
#define FIELD_shape(n, k, m, l)    ROW(shape, n, k, m, l)
#define FIELD_reaction(n, k, m, l) ROW(reaction, n, k, m, l)
#define FIELD_hello(n, k, m, l)    ROW(hello, n, k, m, l)
#define FIELD_welcome(n, k, m, l)  ROW(welcome, n, k, m, l)
#define FIELD_refused(n, k, m, l)  ROW(refused, n, k, m, l)
#define FIELD_batch(n, k, m, l)    ROW(batch, n, k, m, l)
#define FIELD_person(n, k, m, l)   ROW(person, n, k, m, l)
#define FIELD_poll(n, k, m, l)     ROW(poll, n, k, m, l)
#define FIELD_vote(n, k, m, l)     ROW(vote, n, k, m, l)
#define FIELD_stream(n, k, m, l)   ROW(stream, n, k, m, l)
#define FIELD_snapshot(n, k, m, l) ROW(snapshot, n, k, m, l)
#define FIELD_report(n, k, m, l)   ROW(report, n, k, m, l)
#define FIELD_summary(n, k, m, l)  ROW(summary, n, k, m, l)
#define FIELD_here(n, k, m, l)     ROW(here, n, k, m, l)
#define FIELD_presence(n, k, m, l) ROW(presence, n, k, m, l)
#define FIELD_ask(n, k, m, l)      ROW(ask, n, k, m, l)
#define FIELD_page(n, k, m, l)     ROW(page, n, k, m, l)
#define FIELD_ping(n, k, m, l)     ROW(ping, n, k, m, l)
#define FIELD_bye(n, k, m, l)      ROW(bye, n, k, m, l)
#define FIELD_renew(n, k, m, l)    ROW(renew, n, k, m, l)
#define FIELD_status(n, k, m, l)   ROW(status, n, k, m, l)
#define FIELD_renewed(n, k, m, l)  ROW(renewed, n, k, m, l)

CK_MESSAGE_LIST(TYPE)

const ck_wire_type *ck_frame_type(uint8_t byte)
{
    switch (byte) {
#define FRAME(name, value, message)                                                                \
    case value:                                                                                    \
        return &ck_type_##message;
        CK_FRAME_LIST(FRAME)
    default:
        return NULL;
    }
}

void ck_frame_put(ck_buf *out, enum ck_frame frame, const ck_wire_type *type, const void *message)
{
    ck_buf_put_u8(out, (uint8_t)frame);
    ck_wire_encode(type, message, out);
}
