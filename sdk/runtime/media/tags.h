/* Between packets of the media graph and tags of FLV and RTMP. Plain functions, any thread. */
#ifndef CK_MEDIA_TAGS_H
#define CK_MEDIA_TAGS_H

#include "core/flv/tag.h"
#include "runtime/media/packet.h"

/* The FourCC of a codec (core/flv/fourcc.h), 0 for a number that is none, and its name. */
uint32_t ck_fourcc_of_codec(uint32_t codec);
const char *ck_name_of_codec(uint32_t codec);

/* A tag with a body of its own (one copy of the payload): legacy heads for H.264 and AAC, which
 * every server knows, Enhanced ones for VP8 and Opus; UNSUPPORTED otherwise. */
int ck_tag_of_packet(const ck_packet *packet, ck_flv_tag *out);

/* onMetaData from the configurations; NULL or an empty payload for a medium that is not there. */
int ck_tag_of_meta(const ck_packet *video, const ck_packet *audio, ck_flv_tag *out);

/* Script data that pairs a presentation time of the stream (from 0) with room time. NO_MEMORY. */
int ck_tag_of_stamp(int64_t pts_us, uint64_t room_us, ck_flv_tag *out);
/* Its room time, and the microseconds that its timestamp's milliseconds leave out. NOT_FOUND: it is
 * another tag; BAD_DATA. */
int ck_stamp_of_tag(const ck_flv_tag *tag, uint64_t *room_us, int64_t *beyond_us);

/* What a received tag carries. CHALK_OK: *media and *out are set, out->payload shares the tag's
 * body (one reference, the caller's). CHALK_ERR_AGAIN: nothing to decode in it.
 * CHALK_ERR_CODEC_UNKNOWN: *refused names the codec. CHALK_ERR_BAD_DATA. */
int ck_packet_of_tag(const ck_flv_tag *tag, uint32_t *media, ck_packet *out, const char **refused);

#endif
