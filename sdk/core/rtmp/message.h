/*
 * What both directions of the chunk stream share: the message and the numbers of the RTMP
 * specification (message types: 5.4, 7.1; user control events: 7.1.7).
 */
#ifndef CK_CORE_RTMP_MESSAGE_H
#define CK_CORE_RTMP_MESSAGE_H

#include "base/slice.h"

#include <stdint.h>

enum ck_rtmp_message_type {
    CK_RTMP_SET_CHUNK_SIZE = 1,
    CK_RTMP_ABORT = 2,
    CK_RTMP_ACKNOWLEDGEMENT = 3,
    CK_RTMP_USER_CONTROL = 4,
    CK_RTMP_WINDOW_SIZE = 5,
    CK_RTMP_PEER_BANDWIDTH = 6,
    CK_RTMP_AUDIO = 8,
    CK_RTMP_VIDEO = 9,
    CK_RTMP_DATA_AMF3 = 15,
    CK_RTMP_COMMAND_AMF3 = 17,
    CK_RTMP_DATA = 18,
    CK_RTMP_COMMAND = 20,
    CK_RTMP_AGGREGATE = 22,
};

enum ck_rtmp_user_event {
    CK_RTMP_STREAM_BEGIN = 0,
    CK_RTMP_STREAM_EOF = 1,
    CK_RTMP_SET_BUFFER_LENGTH = 3,
    CK_RTMP_PING_REQUEST = 6,
    CK_RTMP_PING_RESPONSE = 7,
};

enum ck_rtmp_bandwidth_limit {
    CK_RTMP_LIMIT_HARD = 0,
    CK_RTMP_LIMIT_SOFT = 1,
    CK_RTMP_LIMIT_DYNAMIC = 2,
};

#define CK_RTMP_MESSAGE_MAX        0xFFFFFFu /* bytes: the length field has 24 bits */
#define CK_RTMP_EXTENDED           0xFFFFFFu /* a timestamp field that says: four bytes follow */
#define CK_RTMP_CHUNK_SIZE_DEFAULT 128u      /* of either side until it says otherwise (5.4.1) */

/* A whole message. The body is one reference; empty when length is 0. */
typedef struct ck_rtmp_message {
    uint8_t type;
    uint32_t chunk_stream;
    uint32_t stream; /* message stream id */
    uint32_t timestamp_ms;
    ck_slice body;
} ck_rtmp_message;

#endif
