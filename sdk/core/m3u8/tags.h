/* Private to tags*.c: what each tag does to a playlist. `value` is what stands behind the colon. */
#ifndef CK_CORE_M3U8_TAGS_H
#define CK_CORE_M3U8_TAGS_H

#include "core/m3u8/playlist.h"

/* Far from where counting on would overflow. */
#define CK_M3U8_SEQUENCE_MAX (INT64_C(1) << 53)

void ck_m3u8_on_part(ck_m3u8 *p, ck_m3u8_span value);
void ck_m3u8_on_hint(ck_m3u8 *p, ck_m3u8_span value);
void ck_m3u8_on_report(ck_m3u8 *p, ck_m3u8_span value);
void ck_m3u8_on_server_control(ck_m3u8 *p, ck_m3u8_span value);
void ck_m3u8_on_part_inf(ck_m3u8 *p, ck_m3u8_span value);
void ck_m3u8_on_skip(ck_m3u8 *p, ck_m3u8_span value);
void ck_m3u8_on_stream_inf(ck_m3u8 *p, ck_m3u8_span value);
void ck_m3u8_on_iframe_stream_inf(ck_m3u8 *p, ck_m3u8_span value);
void ck_m3u8_on_media(ck_m3u8 *p, ck_m3u8_span value);

/* One without a URI is left out. */
void ck_m3u8_add_variant(ck_m3u8 *p, const ck_m3u8_variant *v);

#endif
