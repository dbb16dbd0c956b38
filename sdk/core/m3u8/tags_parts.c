/* Tags of low latency (rfc8216bis section 4.4). */
#include "core/m3u8/tags.h"

#include "base/check.h"

void ck_m3u8_on_part(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    bool has_offset = false;
    ck_m3u8_part part = {0};
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "URI")) {
            part.uri = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "DURATION")) {
            (void)ck_m3u8_seconds(a.value, &part.duration_us);
        } else if (ck_m3u8_span_is(a.name, "INDEPENDENT")) {
            part.independent = ck_m3u8_span_is(a.value, "YES");
        } else if (ck_m3u8_span_is(a.name, "GAP")) {
            part.gap = ck_m3u8_span_is(a.value, "YES");
        } else if (ck_m3u8_span_is(a.name, "BYTERANGE")) {
            part.range.given =
                ck_m3u8_byterange(a.value, &part.range.length, &has_offset, &part.range.offset);
        }
    }
    if (part.range.given && !has_offset) {
        part.range.offset = p->part_end;
        part.range.given = part.range.length <= UINT64_MAX - p->part_end;
    }
    ck_m3u8_part *kept = part.uri != 0 ? ck_m3u8_add(p, &p->parts, sizeof *kept) : NULL;
    if (kept != NULL) {
        *kept = part;
        p->part_end = part.range.given ? part.range.offset + part.range.length : 0;
    }
}

void ck_m3u8_on_hint(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    ck_m3u8_hint hint = {0};
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "TYPE")) {
            hint.type = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "URI")) {
            hint.uri = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "BYTERANGE-START")) {
            (void)ck_m3u8_u64(a.value, &hint.offset);
        } else if (ck_m3u8_span_is(a.name, "BYTERANGE-LENGTH")) {
            (void)ck_m3u8_u64(a.value, &hint.length);
        }
    }
    ck_m3u8_hint *kept = hint.uri != 0 ? ck_m3u8_add(p, &p->hints, sizeof *kept) : NULL;
    if (kept != NULL) {
        *kept = hint;
    }
}

void ck_m3u8_on_report(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    ck_m3u8_report report = {0};
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "URI")) {
            report.uri = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "LAST-MSN")) {
            (void)ck_m3u8_u64(a.value, &report.last_sequence);
        } else if (ck_m3u8_span_is(a.name, "LAST-PART")) {
            (void)ck_m3u8_u64(a.value, &report.last_part);
        }
    }
    ck_m3u8_report *kept = report.uri != 0 ? ck_m3u8_add(p, &p->reports, sizeof *kept) : NULL;
    if (kept != NULL) {
        *kept = report;
    }
}

void ck_m3u8_on_server_control(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "CAN-BLOCK-RELOAD")) {
            p->can_block_reload = ck_m3u8_span_is(a.value, "YES");
        } else if (ck_m3u8_span_is(a.name, "HOLD-BACK")) {
            (void)ck_m3u8_seconds(a.value, &p->hold_back_us);
        } else if (ck_m3u8_span_is(a.name, "PART-HOLD-BACK")) {
            (void)ck_m3u8_seconds(a.value, &p->part_hold_back_us);
        } else if (ck_m3u8_span_is(a.name, "CAN-SKIP-UNTIL")) {
            (void)ck_m3u8_seconds(a.value, &p->can_skip_until_us);
        }
    }
}

void ck_m3u8_on_part_inf(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "PART-TARGET")) {
            (void)ck_m3u8_seconds(a.value, &p->part_target_us);
        }
    }
}

void ck_m3u8_on_skip(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "SKIPPED-SEGMENTS")) {
            (void)ck_m3u8_u64(a.value, &p->skipped);
            p->skipped = CK_MIN(p->skipped, (uint64_t)CK_M3U8_SEQUENCE_MAX);
        }
    }
}
