/*
 * What two ends tell each other about codecs when they connect (Enhanced RTMP v2, "Enhancing
 * NetConnection connect Command"): fourCcList, and the two maps that say what can be done with
 * each.
 */
#ifndef CK_CORE_RTMP_CAPABILITIES_H
#define CK_CORE_RTMP_CAPABILITIES_H

#include "core/amf/amf.h"
#include "core/rtmp/rtmp.h"

/* Members of the object that is being written; nothing without codecs. */
void ck_rtmp_put_capabilities(ck_buf *b, const ck_rtmp_config *config);

/* Whether the object that `in` stands before announces codecs in either way. */
bool ck_rtmp_is_enhanced(const ck_amf_in *in);

/* Chalkrail's own member "chalkrailKeyFrame": true, where the config has key_frames. */
void ck_rtmp_put_key_frames(ck_buf *b, const ck_rtmp_config *config);
/* Whether one of the objects behind `in`, `count` of them, has it. */
bool ck_rtmp_has_key_frames(const ck_amf_in *in, int count);

/* The first required codec that is announced neither by name nor by the wildcard in the objects
 * behind `in`, as one to decode or to forward; NULL: none is missing. Servers put their
 * announcement into either of the two objects of their answer. */
const ck_rtmp_codec *ck_rtmp_missing_codec(const ck_rtmp_config *config, const ck_amf_in *in);

#endif
