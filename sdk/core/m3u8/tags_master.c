/* Tags of master playlists (RFC 8216 section 4.3.4). */
#include "core/m3u8/tags.h"

static ck_m3u8_variant variant_of(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    ck_m3u8_variant v = {0};
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "BANDWIDTH")) {
            (void)ck_m3u8_u64(a.value, &v.bandwidth);
        } else if (ck_m3u8_span_is(a.name, "AVERAGE-BANDWIDTH")) {
            (void)ck_m3u8_u64(a.value, &v.average_bandwidth);
        } else if (ck_m3u8_span_is(a.name, "RESOLUTION")) {
            (void)ck_m3u8_resolution(a.value, &v.width, &v.height);
        } else if (ck_m3u8_span_is(a.name, "CODECS")) {
            v.codecs = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "AUDIO")) {
            v.audio = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "VIDEO")) {
            v.video = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "URI")) {
            v.uri = ck_m3u8_keep(p, a.value);
        }
    }
    return v;
}

void ck_m3u8_add_variant(ck_m3u8 *p, const ck_m3u8_variant *v)
{
    ck_m3u8_variant *kept = v->uri != 0 ? ck_m3u8_add(p, &p->variants, sizeof *kept) : NULL;
    if (kept != NULL) {
        *kept = *v;
    }
}

void ck_m3u8_on_stream_inf(ck_m3u8 *p, ck_m3u8_span value)
{
    p->next.variant = variant_of(p, value);
    p->next.has_variant = true;
}

void ck_m3u8_on_iframe_stream_inf(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_variant v = variant_of(p, value);
    v.iframes_only = true;
    ck_m3u8_add_variant(p, &v);
}

void ck_m3u8_on_media(ck_m3u8 *p, ck_m3u8_span value)
{
    ck_m3u8_attributes list = ck_m3u8_attributes_of(value.data, value.size);
    ck_m3u8_attribute a;
    ck_m3u8_rendition r = {0};
    while (ck_m3u8_attributes_next(&list, &a)) {
        if (ck_m3u8_span_is(a.name, "TYPE")) {
            r.type = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "GROUP-ID")) {
            r.group = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "NAME")) {
            r.name = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "LANGUAGE")) {
            r.language = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "URI")) {
            r.uri = ck_m3u8_keep(p, a.value);
        } else if (ck_m3u8_span_is(a.name, "DEFAULT")) {
            r.is_default = ck_m3u8_span_is(a.value, "YES");
        } else if (ck_m3u8_span_is(a.name, "AUTOSELECT")) {
            r.autoselect = ck_m3u8_span_is(a.value, "YES");
        }
    }
    ck_m3u8_rendition *kept = ck_m3u8_add(p, &p->renditions, sizeof *kept);
    if (kept != NULL) {
        *kept = r;
    }
}
