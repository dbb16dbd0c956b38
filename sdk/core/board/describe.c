/* An object in words, for who does not see it. */
#include "base/check.h"
#include "base/text.h"
#include "core/board/inside.h"

typedef struct named_colour {
    uint32_t rgb;
    const char *name;
} named_colour;

static const named_colour colours[] = {
    {0x000000, "black"},      {0xffffff, "white"},     {0x808080, "grey"},
    {0xe03131, "red"},        {0xf08c00, "orange"},    {0xffd43b, "yellow"},
    {0x2f9e44, "green"},      {0x0ca678, "teal"},      {0x1971c2, "blue"},
    {0x74c0fc, "light blue"}, {0x6741d9, "violet"},    {0xe64980, "pink"},
    {0x8b5a2b, "brown"},      {0x082567, "dark blue"}, {0x0b3d0b, "dark green"},
    {0x7f1d1d, "dark red"},
};

static int32_t apart(uint32_t a, uint32_t b)
{
    int32_t sum = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        int32_t step = (int32_t)(a >> shift & 0xff) - (int32_t)(b >> shift & 0xff);
        sum += step * step;
    }
    return sum;
}

const char *ck_board_colour_name(uint32_t colour)
{
    size_t best = 0;
    for (size_t i = 1; i < CK_COUNT_OF(colours); i++) {
        best = apart(colour, colours[i].rgb) < apart(colour, colours[best].rgb) ? i : best;
    }
    return colours[best].name;
}

static void add_px(ck_text *t, int64_t value)
{
    ck_text_add_i64(t, (value + (value < 0 ? -32 : 32)) / 64);
}

static void add_place(ck_text *t, const ck_board_object *o)
{
    const ck_board_box box = ck_board_box_of(o);
    ck_text_add(t, ", ");
    add_px(t, (int64_t)box.right - box.left);
    ck_text_add(t, " x ");
    add_px(t, (int64_t)box.bottom - box.top);
    ck_text_add(t, " px at ");
    add_px(t, box.left);
    ck_text_add(t, ", ");
    add_px(t, box.top);
}

void ck_board_describe(const ck_board_object *o, char *out, size_t size)
{
    static const char *const kinds[CK_BOARD_KINDS] = {
        [CK_BOARD_PEN] = "pen stroke",  [CK_BOARD_MARKER] = "marker stroke",
        [CK_BOARD_LINE] = "line",       [CK_BOARD_ARROW] = "arrow",
        [CK_BOARD_ELLIPSE] = "ellipse", [CK_BOARD_RECTANGLE] = "rectangle",
        [CK_BOARD_TEXT] = "text",       [CK_BOARD_IMAGE] = "image",
    };
    ck_text t = ck_text_of(out, size);
    ck_board_body body = {0};
    ck_text_add(&t, kinds[o->kind]);
    if (o->kind >= CK_BOARD_TEXT) {
        (void)ck_board_read_body(o->kind, ck_bytes_of(o->body, o->body_size), &body);
    }
    if (body.text.size > 0) {
        ck_text_add(&t, ": ");
        ck_text_add_n(&t, (const char *)body.text.data, body.text.size);
    }
    if (o->kind != CK_BOARD_IMAGE) {
        ck_text_add(&t, ", ");
        ck_text_add(&t, ck_board_colour_name(o->colour));
    }
    if (o->fill != 0) {
        ck_text_add(&t, ", filled ");
        ck_text_add(&t, ck_board_colour_name(o->fill));
    }
    if (o->erased_count > 0) {
        ck_text_add(&t, ", partly erased");
    }
    add_place(&t, o);
}
