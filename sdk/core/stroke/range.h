/*
 * A binary range coder whose chances are learnt: the one of LZMA (7-zip's specification,
 * "lzma.txt"), with chances of 12 bits and without its first byte, which is always 0. Trailing zero
 * bytes are not written; a decoder reads zeros past the end, so it never fails and never reads
 * outside. Whoever decodes bounds how much is decoded. Plain structs; any thread.
 */
#ifndef CK_CORE_STROKE_RANGE_H
#define CK_CORE_STROKE_RANGE_H

#include "base/bytes.h"

#define CK_CHANCE_ONE  4096u /* certainly 0 would be this, which no chance reaches */
#define CK_CHANCE_HALF 2048u

typedef uint16_t ck_chance; /* of the bit 0 */

typedef struct ck_range_encoder {
    ck_buf *out;
    uint64_t low;
    uint32_t range;
    uint8_t cache;
    uint32_t carried; /* bytes that a carry may still change, the cache counted */
    bool begun;
    size_t start; /* where in out */
} ck_range_encoder;

void ck_range_encode_init(ck_range_encoder *e, ck_buf *out);
void ck_range_put(ck_range_encoder *e, ck_chance *chance, uint32_t bit);
void ck_range_put_even(ck_range_encoder *e, uint32_t value, uint32_t bits); /* up to 24 */
void ck_range_encode_end(ck_range_encoder *e);

typedef struct ck_range_decoder {
    ck_reader in;
    uint32_t range;
    uint32_t code;
} ck_range_decoder;

void ck_range_decode_init(ck_range_decoder *d, const void *data, size_t size);
uint32_t ck_range_get(ck_range_decoder *d, ck_chance *chance);
uint32_t ck_range_get_even(ck_range_decoder *d, uint32_t bits);

/* --- numbers: a class (how many bits) in ones and a zero, then the bits below the highest
 * --------- */

#define CK_NUMBER_CLASSES 28u /* numbers below 2^27 */

/* Chances of one kind of number: at each class, that it ends there. */
typedef struct ck_number_model {
    ck_chance ends[CK_NUMBER_CLASSES];
    ck_chance second[CK_NUMBER_CLASSES]; /* the bit below the highest */
} ck_number_model;

/* Numbers are expected to be of class `likely`, or near it. */
void ck_number_model_init(ck_number_model *m, uint32_t likely);
void ck_number_put(ck_range_encoder *e, ck_number_model *m, uint32_t value);
uint32_t ck_number_get(ck_range_decoder *d, ck_number_model *m);
uint32_t ck_number_class(uint32_t value); /* bits of it; 0 for 0 */

#endif
