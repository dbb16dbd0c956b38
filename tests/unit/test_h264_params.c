#include "chalkrail/errors.h"
#include "core/h264/params.h"
#include "support/check.h"

#include "base/check.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* Sets written by libx264 from `testsrc`, one for each thing that changes the syntax. */
typedef struct row {
    const char *what;
    const uint8_t *data;
    size_t size;
    uint8_t profile;
    uint8_t level;
    uint8_t chroma;
    uint8_t depth;
    uint32_t width;
    uint32_t height;
    uint32_t coded_height;
    uint32_t sar[2];
    bool frame_mbs_only;
    bool full_range;
    uint8_t colour[3];
    uint32_t timing[2];
    int8_t reorder;
} row;

/* clang-format off */
static const row rows[] = {
    {"baseline",
     BYTES("\x67\x42\xc0\x1f\xda\x01\x40\x16\xec\x04\x40\x00\x00\x03\x00\x40\x00\x00\x0f\x03"
           "\xc6\x0c\xa8"),
     66, 31, 1, 8, 1280, 720, 720, {1, 1}, true, false, {2, 2, 2}, {1, 60}, 0},
    {"cropped, BT.709",
     BYTES("\x67\x64\x00\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x5a\x80\x80\x80\xa0\x00\x00\x03"
           "\x00\x20\x00\x00\x07\x81\xe3\x06\x32\xc0"),
     100, 40, 1, 8, 1920, 1080, 1088, {1, 1}, true, false, {1, 1, 1}, {1, 60}, 2},
    {"BT.601, full range",
     BYTES("\x67\x64\x00\x1e\xac\xd9\x40\xa0\x2f\xf9\x70\x16\xe0\xc0\xc0\xc8\x00\x00\x03\x00"
           "\x08\x00\x00\x03\x01\xe0\x78\xb1\x6c\xb0"),
     100, 30, 1, 8, 640, 360, 368, {1, 1}, true, true, {6, 6, 6}, {1, 60}, 2},
    {"interlaced",
     BYTES("\x67\x64\x00\x28\xac\xd9\x40\x78\x04\x4f\xde\x02\x20\x00\x00\x03\x00\x20\x00\x00"
           "\x07\x83\xe2\xc5\xb2\xc0"),
     100, 40, 1, 8, 1920, 1080, 1088, {1, 1}, false, false, {2, 2, 2}, {1, 60}, 2},
    {"4:4:4, odd crop",
     BYTES("\x67\xf4\x00\x20\x91\x9b\x28\x0a\xc0\xc3\xc5\xf8\x08\x80\x00\x00\x03\x00\x80\x00"
           "\x00\x1e\x07\x8c\x18\xcb"),
     244, 32, 3, 8, 1366, 768, 768, {1, 1}, true, false, {2, 2, 2}, {1, 60}, 2},
    {"4:2:2, 10 bit",
     BYTES("\x67\x7a\x00\x1f\xb6\xcd\x94\x0f\xc1\x27\x96\x3f\x01\x10\x00\x00\x03\x00\x10\x00"
           "\x00\x03\x03\xc0\xf1\x83\x19\x60"),
     122, 31, 2, 10, 1000, 562, 576, {1, 1}, true, false, {2, 2, 2}, {1, 60}, 2},
    {"grey",
     BYTES("\x67\x64\x00\x0a\xf3\x65\x1c\x9e\x36\x3f\x01\x6c\x80\x00\x00\x03\x00\x80\x00\x00"
           "\x1e\x07\x89\x12\xcb"),
     100, 10, 0, 8, 100, 50, 64, {1, 1}, true, true, {2, 2, 2}, {1, 60}, 2},
    {"wide samples",
     BYTES("\x67\x64\x00\x1f\xac\xd9\x40\xb4\x12\x6f\xfc\x01\x00\x00\xb4\x40\x00\x00\x03\x00"
           "\x40\x00\x00\x0f\x03\xc6\x0c\x65\x80"),
     100, 31, 1, 8, 720, 576, 576, {64, 45}, true, false, {2, 2, 2}, {1, 60}, 2},
    {"HRD",
     BYTES("\x67\x64\x00\x1f\xac\xd9\x40\x50\x05\xbb\x01\x10\x00\x00\x03\x00\x10\x00\x00\x03"
           "\x03\xc6\x04\x00\x0f\x42\x40\x01\xe8\x4e\x4c\x30\x07\x8c\x18\xcb"),
     100, 31, 1, 8, 1280, 720, 720, {1, 1}, true, false, {2, 2, 2}, {1, 60}, 2},
    {"zero latency",
     BYTES("\x67\x64\x00\x1f\xac\xb4\x06\xc1\xef\x37\x80\x88\x00\x00\x03\x00\x08\x00\x00\x03"
           "\x01\xe4\x78\xc1\x95"),
     100, 31, 1, 8, 854, 480, 480, {1, 1}, true, false, {2, 2, 2}, {1, 60}, 0},
};
/* clang-format on */

CK_TEST(h264_sps, reads_what_an_encoder_writes)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const row *r = &rows[i];
        ck_h264_sps s;
        CK_CHECK_ROW(i, ck_h264_parse_sps(r->data, r->size, &s) == CHALK_OK);
        CK_CHECK_ROW(i, s.profile_idc == r->profile && s.level_idc == r->level && s.id == 0);
        CK_CHECK_ROW(i, s.chroma_format_idc == r->chroma);
        CK_CHECK_ROW(i, s.bit_depth_luma == r->depth && s.bit_depth_chroma == r->depth);
        CK_CHECK_ROW(i, s.width == r->width && s.height == r->height);
        CK_CHECK_ROW(i, s.coded_height == r->coded_height);
        CK_CHECK_ROW(i, s.coded_width == (r->width + 15) / 16 * 16);
        CK_CHECK_ROW(i, s.crop_bottom == r->coded_height - r->height && s.crop_top == 0);
        CK_CHECK_ROW(i, s.frame_mbs_only == r->frame_mbs_only);
        CK_CHECK_ROW(i, s.full_range == r->full_range);
        CK_CHECK_ROW(i, s.colour_primaries == r->colour[0] && s.transfer == r->colour[1] &&
                            s.matrix == r->colour[2]);
        CK_CHECK_ROW(i, s.num_units_in_tick == r->timing[0] && s.time_scale == r->timing[1]);
        CK_CHECK_ROW(i, s.max_reorder_frames == r->reorder);
    }
}

CK_TEST(h264_sps, reads_the_aspect_ratio)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_h264_sps s;
        CK_CHECK_ROW(i, ck_h264_parse_sps(rows[i].data, rows[i].size, &s) == CHALK_OK);
        CK_CHECK_ROW(i, s.sar_width == rows[i].sar[0] && s.sar_height == rows[i].sar[1]);
    }
}

CK_TEST(h264_sps, refuses_a_set_cut_anywhere)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        /* The last byte may hold nothing but the stop bit and what a set needs not. */
        for (size_t size = 0; size + 2 < rows[i].size; size++) {
            ck_h264_sps s;
            CK_CHECK_ROW(i, ck_h264_parse_sps(rows[i].data, size, &s) == CHALK_ERR_BAD_DATA);
        }
    }
}

/* Writes a set bit by bit, so that single fields can be put out of range. */
typedef struct bit_writer {
    uint8_t data[128];
    size_t bits;
} bit_writer;

static void put_u(bit_writer *w, uint64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        w->data[w->bits / 8] |= (uint8_t)((value >> i & 1) << (7 - w->bits % 8));
        w->bits++;
    }
}

static void put_ue(bit_writer *w, uint64_t value)
{
    int size = 0;
    while ((value + 1) >> (size + 1) != 0) {
        size++;
    }
    put_u(w, 0, size);
    put_u(w, value + 1, size + 1);
}

/* A baseline set; every field that the tests vary. */
typedef struct fields {
    uint64_t id, frame_num, order, refs, width, height;
    bool frame_mbs_only;
    uint64_t crop[4];
    bool vui;
    uint32_t sar[2];
    uint64_t reorder, buffering;
} fields;

static const fields good = {0, 0, 2, 1, 19, 14, true, {0, 0, 0, 0}, true, {1000, 999}, 0, 1};

static int parse_fields(const fields *f, ck_h264_sps *out)
{
    bit_writer w = {.data = {0}};
    put_u(&w, 0x67, 8);
    put_u(&w, 77, 8);
    put_u(&w, 0x40, 8);
    put_u(&w, 31, 8);
    put_ue(&w, f->id);
    put_ue(&w, f->frame_num);
    put_ue(&w, f->order);
    put_ue(&w, f->refs);
    put_u(&w, 0, 1);
    put_ue(&w, f->width);
    put_ue(&w, f->height);
    put_u(&w, f->frame_mbs_only, 1);
    put_u(&w, 0, f->frame_mbs_only ? 0 : 1);
    put_u(&w, 1, 1);
    put_u(&w, 1, 1);
    for (int i = 0; i < 4; i++) {
        put_ue(&w, f->crop[i]);
    }
    put_u(&w, f->vui, 1);
    if (f->vui) {
        put_u(&w, 1, 1);
        put_u(&w, 255, 8);
        put_u(&w, f->sar[0], 16);
        put_u(&w, f->sar[1], 16);
        put_u(&w, 0, 7);
        put_u(&w, 1, 1);
        put_u(&w, 1, 1);
        put_ue(&w, 0);
        put_ue(&w, 0);
        put_ue(&w, 10);
        put_ue(&w, 10);
        put_ue(&w, f->reorder);
        put_ue(&w, f->buffering);
    }
    put_u(&w, 1, 1);
    return ck_h264_parse_sps(w.data, (w.bits + 7) / 8, out);
}

CK_TEST(h264_sps, computes_cropping_and_reordering)
{
    fields f = good;
    ck_h264_sps s;
    CK_CHECK_EQ(parse_fields(&f, &s), CHALK_OK);
    CK_CHECK_EQ(s.width, 320);
    CK_CHECK_EQ(s.height, 240);
    CK_CHECK_EQ(s.sar_width, 1000);
    CK_CHECK_EQ(s.sar_height, 999);
    CK_CHECK_EQ(s.max_reorder_frames, 0);
    CK_CHECK_EQ(s.max_dec_frame_buffering, 1);

    f = (fields){0, 0, 2, 1, 19, 6, false, {1, 2, 3, 1}, false, {0, 0}, 0, 0};
    CK_CHECK_EQ(parse_fields(&f, &s), CHALK_OK);
    CK_CHECK_EQ(s.crop_left, 2);
    CK_CHECK_EQ(s.crop_right, 4);
    CK_CHECK_EQ(s.crop_top, 12);
    CK_CHECK_EQ(s.crop_bottom, 4);
    CK_CHECK_EQ(s.width, 314);
    CK_CHECK_EQ(s.height, 7 * 32 - 16);
    CK_CHECK_EQ(s.max_reorder_frames, 0);
    CK_CHECK_EQ(s.max_dec_frame_buffering, -1);
    CK_CHECK_EQ(s.sar_width, 0);

    f.order = 0;
    CK_CHECK_EQ(parse_fields(&f, &s), CHALK_ERR_BAD_DATA);
}

CK_TEST(h264_sps, passes_over_scaling_lists)
{
    static const struct {
        uint8_t flags; /* which of the eight lists are there */
        bool ends;     /* each list ends with its first entry (a delta of -8) */
    } table[] = {{0x00, false}, {0xff, false}, {0x01, false},
                 {0x80, false}, {0xff, true},  {0x41, true}};
    for (size_t i = 0; i < CK_COUNT_OF(table); i++) {
        bit_writer w = {.data = {0}};
        put_u(&w, 0x67640028, 32);
        put_ue(&w, 0);
        put_ue(&w, 1);
        put_ue(&w, 0);
        put_ue(&w, 0);
        put_u(&w, 1, 2); /* scaling matrix present */
        for (int list = 0; list < 8; list++) {
            bool present = (table[i].flags >> (7 - list) & 1) != 0;
            put_u(&w, present, 1);
            int entries = !present ? 0 : table[i].ends ? 1 : list < 6 ? 16 : 64;
            for (int k = 0; k < entries; k++) {
                put_ue(&w, table[i].ends ? 16 : (uint64_t)(k % 2 == 0 ? 1 : 2));
            }
        }
        put_ue(&w, 0);
        put_ue(&w, 2);
        put_ue(&w, 1);
        put_u(&w, 0, 1);
        put_ue(&w, 19);
        put_ue(&w, 14);
        put_u(&w, 0x19, 5); /* frames only, 8x8 inference; no cropping, no VUI; stop */
        ck_h264_sps s = {0};
        CK_CHECK_ROW(i, ck_h264_parse_sps(w.data, (w.bits + 7) / 8, &s) == CHALK_OK);
        CK_CHECK_ROW(i, s.width == 320 && s.height == 240);
    }
}

CK_TEST(h264_sps, refuses_values_out_of_range)
{
    fields table[14];
    for (size_t i = 0; i < CK_COUNT_OF(table); i++) {
        table[i] = good;
    }
    table[0].id = 32;
    table[1].frame_num = 13;
    table[2].order = 3;
    table[3].refs = 17;
    table[4].width = 1055;
    table[5].height = UINT32_MAX - 1;
    table[6].crop[0] = 160;
    table[7].crop[3] = 120;
    table[8].crop[1] = UINT32_MAX - 1;
    table[9].reorder = 17;
    table[10].buffering = 17;
    table[11].reorder = 2;
    table[12].width = table[12].height = 1000;
    table[13].id = UINT32_MAX;
    for (size_t i = 0; i < CK_COUNT_OF(table); i++) {
        ck_h264_sps s = {.width = 7};
        CK_CHECK_ROW(i, parse_fields(&table[i], &s) == CHALK_ERR_BAD_DATA);
        CK_CHECK_ROW(i, s.width == 7);
    }
}

CK_TEST(h264_pps, reads_ids)
{
    static const struct {
        const uint8_t *data;
        size_t size;
        int status;
        uint8_t id;
        uint8_t sps_id;
        bool cabac;
    } table[] = {
        {BYTES("\x68\xef\x8f\xcb"), CHALK_OK, 0, 0, true},
        {BYTES("\x68\xce\x0f\xc8"), CHALK_OK, 0, 0, false},
        {BYTES("\x68\x45\x38\xf2"), CHALK_OK, 1, 4, false},
        {BYTES("\x68\x45\x38"), CHALK_ERR_BAD_DATA, 0, 0, false},
        {BYTES("\x68"), CHALK_ERR_BAD_DATA, 0, 0, false},
        {BYTES("\x68\x00\x80\x80"), CHALK_ERR_BAD_DATA, 0, 0, false},
        {BYTES("\x67\xef\x8f\xcb"), CHALK_ERR_BAD_DATA, 0, 0, false},
        {BYTES(""), CHALK_ERR_BAD_DATA, 0, 0, false},
    };
    for (size_t i = 0; i < CK_COUNT_OF(table); i++) {
        ck_h264_pps p = {0};
        CK_CHECK_ROW(i, ck_h264_parse_pps(table[i].data, table[i].size, &p) == table[i].status);
        CK_CHECK_ROW(i, p.id == table[i].id && p.sps_id == table[i].sps_id);
        CK_CHECK_ROW(i, p.cabac == table[i].cabac);
    }
}
