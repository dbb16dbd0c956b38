#include "core/h264/skip_run.h"

void ck_h264_write_skip_run_cavlc(ck_h264_writer *w, uint32_t macroblocks)
{
    ck_h264_write_ue(w, macroblocks);
    ck_h264_write_u(w, 1, 1);
    ck_h264_write_align(w, false);
}

/*
 * CABAC (clause 9.3.4). Of the whole coder little is needed: where all neighbours are skipped or
 * not there, mb_skip_flag has context 11, and at a slice quantiser of 26 and cabac_init_idc 0 that
 * context begins in state 6 with 1 as its more probable value, which is what every flag here is.
 */
#define FIRST_STATE 6
#define LAST_STATE  62 /* the more often the probable value comes, up to here */

/* rangeTabLPS (table 9-44) from state 6 on. */
static const uint8_t lps_ranges[LAST_STATE - FIRST_STATE + 1][4] = {
    {105, 128, 152, 175}, {100, 122, 144, 166}, {95, 116, 137, 158}, {90, 110, 130, 150},
    {85, 104, 123, 142},  {81, 99, 117, 135},   {77, 94, 111, 128},  {73, 89, 105, 122},
    {69, 85, 100, 116},   {66, 80, 95, 110},    {62, 76, 90, 104},   {59, 72, 86, 99},
    {56, 69, 81, 94},     {53, 65, 77, 89},     {51, 62, 73, 85},    {48, 59, 69, 80},
    {46, 56, 66, 76},     {43, 53, 63, 72},     {41, 50, 59, 69},    {39, 48, 56, 65},
    {37, 45, 54, 62},     {35, 43, 51, 59},     {33, 41, 48, 56},    {32, 39, 46, 53},
    {30, 37, 43, 50},     {29, 35, 41, 48},     {27, 33, 39, 45},    {26, 31, 37, 43},
    {24, 30, 35, 41},     {23, 28, 33, 39},     {22, 27, 32, 37},    {21, 26, 30, 35},
    {20, 24, 29, 33},     {19, 23, 27, 31},     {18, 22, 26, 30},    {17, 21, 25, 28},
    {16, 20, 23, 27},     {15, 19, 22, 25},     {14, 18, 21, 24},    {14, 17, 20, 23},
    {13, 16, 19, 22},     {12, 15, 18, 21},     {12, 14, 17, 20},    {11, 14, 16, 19},
    {11, 13, 15, 18},     {10, 12, 15, 17},     {10, 12, 14, 16},    {9, 11, 13, 15},
    {9, 11, 12, 14},      {8, 10, 12, 14},      {8, 9, 11, 13},      {7, 9, 11, 12},
    {7, 9, 10, 12},       {7, 8, 10, 11},       {6, 8, 9, 11},       {6, 7, 9, 10},
    {6, 7, 8, 9},
};

typedef struct coder {
    ck_h264_writer *w;
    uint32_t low;
    uint32_t range;
    uint32_t outstanding;
    unsigned state; /* of context 11, less FIRST_STATE */
    bool begun;     /* the first bit is not written (clause 9.3.4.1) */
} coder;

/* PutBit. */
static void put_bit(coder *c, bool bit)
{
    if (c->begun) {
        ck_h264_write_u(c->w, 1, bit ? 1 : 0);
    }
    c->begun = true;
    for (; c->outstanding > 0; c->outstanding--) {
        ck_h264_write_u(c->w, 1, bit ? 0 : 1);
    }
}

/* RenormE. */
static void renormalise(coder *c)
{
    while (c->range < 256) {
        if (c->low < 256) {
            put_bit(c, false);
        } else if (c->low >= 512) {
            c->low -= 512;
            put_bit(c, true);
        } else {
            c->low -= 256;
            c->outstanding++;
        }
        c->range <<= 1;
        c->low <<= 1;
    }
}

/* mb_skip_flag equal to 1. */
static void put_skipped(coder *c)
{
    c->range -= lps_ranges[c->state][c->range >> 6 & 3];
    c->state += c->state < LAST_STATE - FIRST_STATE;
    renormalise(c);
}

/* end_of_slice_flag equal to 0. */
static void go_on(coder *c)
{
    c->range -= 2;
    renormalise(c);
}

/* end_of_slice_flag equal to 1; the last bit of the flush is the stop bit. */
static void finish(coder *c)
{
    c->low += c->range - 2;
    c->range = 2;
    renormalise(c);
    put_bit(c, (c->low >> 9 & 1) != 0);
    ck_h264_write_u(c->w, 2, (c->low >> 7 & 3) | 1);
    ck_h264_write_align(c->w, false);
}

void ck_h264_write_skip_run_cabac(ck_h264_writer *w, uint32_t macroblocks)
{
    coder c = {.w = w, .range = 510};
    ck_h264_write_align(w, true);
    for (uint32_t i = 1; i < macroblocks; i++) {
        put_skipped(&c);
        go_on(&c);
    }
    put_skipped(&c);
    finish(&c);
}
