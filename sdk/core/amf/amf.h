/*
 * AMF0 (Adobe, "Action Message Format -- AMF 0", 2007): the values inside RTMP commands and FLV
 * script data. Section numbers below are of that document.
 *
 * Decoding is a pull parser over a borrowed range. Each ck_amf_next gives one item; a container
 * is a begin item, its members and an end item:
 *
 *     {a: 1, b: [true]}   OBJECT  KEY a  NUMBER  KEY b  STRICT_ARRAY 1  BOOLEAN  END  END
 *
 *     ck_amf_in in;
 *     ck_amf_in_init(&in, body, size);
 *     status = ck_amf_read_string(&in, command, sizeof command);   // "connect"
 *     status = ck_amf_read_number(&in, &transaction);
 *     status = ck_amf_find_string(&in, "app", app, sizeof app);    // looks, does not move
 *     status = ck_amf_skip(&in);                                   // past the whole object
 *
 * Limits: CK_AMF_DEPTH_MAX containers inside each other, at most 2^32-1 bytes of input. It
 * allocates nothing and its work is linear in the input: counts that the peer declares are
 * checked against what arrives, never trusted.
 *
 * Refused by name (CHALK_ERR_PROTOCOL, ck_amf_marker_name(in.refused)): movie clip, reference,
 * record set, typed object and the switch to AMF3; nobody sends them in RTMP or FLV.
 *
 * Encoding appends to a ck_buf, which remembers the first failure; check ck_buf_status once.
 */
#ifndef CK_CORE_AMF_AMF_H
#define CK_CORE_AMF_AMF_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_AMF_DEPTH_MAX 16

/* Markers on the wire (2.1). */
enum ck_amf_marker {
    CK_AMF_MARK_NUMBER = 0x00,
    CK_AMF_MARK_BOOLEAN = 0x01,
    CK_AMF_MARK_STRING = 0x02,
    CK_AMF_MARK_OBJECT = 0x03,
    CK_AMF_MARK_MOVIE_CLIP = 0x04,
    CK_AMF_MARK_NULL = 0x05,
    CK_AMF_MARK_UNDEFINED = 0x06,
    CK_AMF_MARK_REFERENCE = 0x07,
    CK_AMF_MARK_ECMA_ARRAY = 0x08,
    CK_AMF_MARK_OBJECT_END = 0x09,
    CK_AMF_MARK_STRICT_ARRAY = 0x0a,
    CK_AMF_MARK_DATE = 0x0b,
    CK_AMF_MARK_LONG_STRING = 0x0c,
    CK_AMF_MARK_UNSUPPORTED = 0x0d,
    CK_AMF_MARK_RECORD_SET = 0x0e,
    CK_AMF_MARK_XML = 0x0f,
    CK_AMF_MARK_TYPED_OBJECT = 0x10,
    CK_AMF_MARK_AMF3 = 0x11,
};

/* What ck_amf_next gives. */
enum ck_amf_kind {
    CK_AMF_NUMBER = 1, /* number */
    CK_AMF_BOOLEAN,    /* boolean */
    CK_AMF_STRING,     /* text, text_size: short, long and XML strings alike */
    CK_AMF_NULL,
    CK_AMF_UNDEFINED,    /* also the "unsupported" marker, which stands for a lost value (2.15) */
    CK_AMF_DATE,         /* number: milliseconds since the Unix epoch, UTC (2.13) */
    CK_AMF_OBJECT,       /* begin; KEY and a value by turns follow, then END */
    CK_AMF_ECMA_ARRAY,   /* begin; as OBJECT. count is the sender's hint and often wrong */
    CK_AMF_STRICT_ARRAY, /* begin; exactly `count` values follow, then END */
    CK_AMF_KEY,          /* text, text_size */
    CK_AMF_END,          /* of the innermost container */
};

typedef struct ck_amf_item {
    uint8_t kind; /* enum ck_amf_kind */
    bool boolean;
    uint32_t count;
    double number;
    const char *text; /* borrowed from the input; not terminated, any bytes */
    size_t text_size;
} ck_amf_item;

/* Private: where in a container the decoder stands. */
typedef struct ck_amf_level {
    bool strict;    /* strict array: `left` values are due; else keys until the end marker */
    bool value_due; /* a key was given, its value was not */
    uint32_t left;
} ck_amf_level;

/* A decoder. Copying the struct copies the position, which is how ck_amf_find looks ahead. */
typedef struct ck_amf_in {
    ck_reader reader;
    ck_amf_level levels[CK_AMF_DEPTH_MAX];
    uint8_t depth;
    uint8_t refused; /* the marker behind CHALK_ERR_PROTOCOL */
    int status;      /* CHALK_OK, or the first error, which every later call repeats */
} ck_amf_in;

/* `data` is borrowed until the last use of `in` and of the items it gave. */
void ck_amf_in_init(ck_amf_in *in, const void *data, size_t size);

/* The next item. CHALK_OK; CHALK_ERR_END after the last whole value; CHALK_ERR_BAD_DATA when the
 * input is cut or malformed; CHALK_ERR_TOO_LARGE when nested too deep; CHALK_ERR_PROTOCOL. */
int ck_amf_next(ck_amf_in *in, ck_amf_item *item);

/* Passes one whole value, containers with all that is in them. Errors as ck_amf_next. Not within
 * a container where a key is due (CHALK_ERR_BAD_STATE). */
int ck_amf_skip(ck_amf_in *in);

/* The next value when it is of that kind; CHALK_ERR_BAD_DATA when it is of another. A string is
 * copied and terminated: CHALK_ERR_TOO_LARGE when `out` cannot hold it, CHALK_ERR_BAD_DATA when
 * it contains a zero byte. Errors of these are remembered by `in`. */
int ck_amf_read_number(ck_amf_in *in, double *out);
int ck_amf_read_boolean(ck_amf_in *in, bool *out);
int ck_amf_read_string(ck_amf_in *in, char *out, size_t size);

/* Looks up a member of the object or ECMA array that `in` stands before, without moving `in`. The
 * first of equal names wins; members of members are not searched. CHALK_ERR_NOT_FOUND when the
 * member is absent, or, for the typed ones, of another kind; CHALK_ERR_BAD_DATA when `in` does
 * not stand before an object or that object is malformed; CHALK_ERR_TOO_LARGE as above. */
int ck_amf_find(const ck_amf_in *in, const char *name, ck_amf_item *value);
int ck_amf_find_number(const ck_amf_in *in, const char *name, double *out);
int ck_amf_find_boolean(const ck_amf_in *in, const char *name, bool *out);
int ck_amf_find_string(const ck_amf_in *in, const char *name, char *out, size_t size);

/* Copies and terminates a STRING or KEY item's text; errors as ck_amf_read_string. */
int ck_amf_copy_text(const ck_amf_item *item, char *out, size_t size);
/* True for a STRING or KEY item that is exactly `text`. */
bool ck_amf_is(const ck_amf_item *item, const char *text);
/* "number", "movie clip", "AMF3"...; "unknown" for a value that AMF0 does not define. */
const char *ck_amf_marker_name(uint8_t marker);

/* Encoding. Containers are closed with ck_amf_put_end, strict arrays by their count alone. */
void ck_amf_put_number(ck_buf *b, double value);
void ck_amf_put_boolean(ck_buf *b, bool value);
void ck_amf_put_string(ck_buf *b, const char *text); /* above 65,535 bytes as a long string */
void ck_amf_put_string_n(ck_buf *b, const char *text, size_t size); /* size below 2^32 */
void ck_amf_put_null(ck_buf *b);
void ck_amf_put_undefined(ck_buf *b);
void ck_amf_put_date(ck_buf *b, double unix_ms);
void ck_amf_put_object(ck_buf *b);
void ck_amf_put_ecma_array(ck_buf *b, uint32_t count);
void ck_amf_put_strict_array(ck_buf *b, uint32_t count);
void ck_amf_put_key(ck_buf *b, const char *name); /* 1 to 65,535 bytes */
void ck_amf_put_key_n(ck_buf *b, const char *name, size_t size);
void ck_amf_put_end(ck_buf *b);

/* A key and its value in one call. */
void ck_amf_put_key_number(ck_buf *b, const char *name, double value);
void ck_amf_put_key_boolean(ck_buf *b, const char *name, bool value);
void ck_amf_put_key_string(ck_buf *b, const char *name, const char *text);

#endif
