#include "unit/render_support.h"

#include "chalkrail/errors.h"
#include "render/area.h"
#include "support/alloc.h"

#include <math.h>
#include <string.h>

#define POINTS 60
#define UNITS  4.0 /* of a stroke, in a px */

static uint64_t draw(ck_desk *d, uint32_t tool, uint32_t colour, double width, double x, double y,
                     const ck_stroke_point *points, uint32_t count)
{
    ck_buf coded, rest;
    ck_buf_init(&coded, &ck_test_heap, 4096);
    ck_buf_init(&rest, &ck_test_heap, 4096);
    ck_stroke_encode(points, count, &coded);
    ck_board_put_stroke(&rest, (int32_t)(x * UNITS), (int32_t)(y * UNITS),
                        ck_bytes_of(coded.data, coded.size));
    const ck_board_op op = {.code = CK_BOARD_DRAW,
                            .page = 1,
                            .tool = tool | CK_STROKE_UNIT << 4,
                            .colour = colour,
                            .width = (uint64_t)(width * 64),
                            .rest = ck_bytes_of(rest.data, rest.size)};
    enum ck_reason reason = ck_desk_do(d, 1, &op);
    ck_buf_free(&coded);
    ck_buf_free(&rest);
    return reason == CK_REASON_NONE ? ck_desk_last(d, 1) : 0;
}

/* A loop and a wave, 100 x 40 px. */
uint64_t ck_draw_wave(ck_desk *d, uint32_t tool, uint32_t colour, double width, double x, double y,
                      bool presses)
{
    ck_stroke_point points[POINTS];
    for (int i = 0; i < POINTS; i++) {
        double t = i / (POINTS - 1.0), angle = 4 * acos(-1.0) * t;
        points[i].x = (int32_t)lround((100 * t + 14 * sin(2 * angle)) * UNITS);
        points[i].y = (int32_t)lround((20 - 20 * cos(angle)) * UNITS);
        points[i].width = (uint8_t)(presses ? lround(8 + 6 * sin(angle)) : 8);
    }
    return draw(d, tool, colour, width, x, y, points, POINTS);
}

uint64_t ck_draw_dot(ck_desk *d, uint32_t colour, double width, double x, double y)
{
    const ck_stroke_point dot = {0, 0, 8};
    return draw(d, CK_BOARD_PEN, colour, width, x, y, &dot, 1);
}

static uint64_t put(ck_desk *d, ck_board_op op, const ck_board_body *body)
{
    ck_buf rest;
    ck_buf_init(&rest, &ck_test_heap, 20000);
    ck_board_put_body(&rest, op.kind, body);
    op.code = CK_BOARD_PUT;
    op.page = 1;
    op.rest = ck_bytes_of(rest.data, rest.size);
    enum ck_reason reason = ck_desk_do(d, 1, &op);
    ck_buf_free(&rest);
    return reason == CK_REASON_NONE ? ck_desk_last(d, 1) : 0;
}

uint64_t ck_put_shape(ck_desk *d, uint32_t kind, uint32_t colour, uint32_t fill, double width,
                      ck_place place)
{
    const ck_board_op op = {.kind = kind,
                            .colour = colour,
                            .fill = fill,
                            .width = (uint64_t)(width * 64),
                            .x = (int64_t)(place.x * 64),
                            .y = (int64_t)(place.y * 64)};
    const ck_board_body body = {.x = (int64_t)(place.wide * 64), .y = (int64_t)(place.high * 64)};
    return put(d, op, &body);
}

uint64_t ck_put_text(ck_desk *d, const char *text, double size, double wide, double x, double y)
{
    const ck_board_op op = {.kind = CK_BOARD_TEXT,
                            .colour = CK_TEST_BLACK,
                            .x = (int64_t)(x * 64),
                            .y = (int64_t)(y * 64)};
    const ck_board_body body = {.x = (int64_t)(wide * 64),
                                .size = (uint64_t)(size * 64),
                                .text = ck_bytes_of(text, strlen(text))};
    return put(d, op, &body);
}

uint64_t ck_put_image(ck_desk *d, uint8_t name, ck_place place)
{
    const uint8_t hash[CK_BOARD_HASH] = {name};
    const ck_board_op op = {
        .kind = CK_BOARD_IMAGE, .x = (int64_t)(place.x * 64), .y = (int64_t)(place.y * 64)};
    const ck_board_body body = {.x = (int64_t)(place.wide * 64),
                                .y = (int64_t)(place.high * 64),
                                .pixels_x = 40,
                                .pixels_y = 20,
                                .hash = hash,
                                .text = ck_bytes_of("colours", 7)};
    return put(d, op, &body);
}

bool ck_set_ground(ck_desk *d, uint32_t kind, uint8_t name)
{
    ck_board_op op = {.code = CK_BOARD_BACKGROUND, .page = 1, .background = {.kind = kind}};
    op.background.hash[0] = name;
    return ck_desk_do(d, 1, &op) == CK_REASON_NONE;
}

void ck_scale(ck_desk *d, uint64_t id, double x, double y, double fx, double fy)
{
    const ck_board_op op = {.code = CK_BOARD_SCALE,
                            .x = (int64_t)(x * 64),
                            .y = (int64_t)(y * 64),
                            .fx = (int64_t)(fx * CK_BOARD_SCALE_ONE),
                            .fy = (int64_t)(fy * CK_BOARD_SCALE_ONE)};
    (void)ck_desk_ids(d, 1, op, &id, 1);
}

static bool fill(ck_images *images, uint8_t name, bool deck, uint32_t page, double scale)
{
    uint8_t pixels[20][40][4], hash[CK_IMAGES_HASH] = {name};
    for (int y = 0; y < 20; y++) {
        for (int x = 0; x < 40; x++) {
            const uint8_t pixel[4] = {x < 20 ? 255 : 0, y < 10 ? 200 : 0, 60,
                                      x >= 30 && y >= 10 ? 128 : 255};
            memcpy(pixels[y][x], pixel, 4);
        }
    }
    ck_image_key key = {.deck = deck, .page = page};
    memcpy(key.hash, hash, sizeof key.hash);
    return ck_images_put(images, &key, &pixels[0][0][0], 40, 20, sizeof pixels[0], scale) ==
           CHALK_OK;
}

bool ck_fill_image(ck_images *images, uint8_t name)
{
    return fill(images, name, false, 0, 1.0);
}

bool ck_fill_deck(ck_images *images, uint8_t name, uint32_t page, double scale)
{
    return fill(images, name, true, page, scale);
}

cairo_surface_t *ck_picture(ck_painter *p, const ck_board *b, ck_place place, double scale)
{
    const ck_board_box box = {(int32_t)(place.x * 64), (int32_t)(place.y * 64),
                              (int32_t)((place.x + place.wide) * 64),
                              (int32_t)((place.y + place.high) * 64)};
    int wide = (int)lround(place.wide * scale), high = (int)lround(place.high * scale);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, wide, high);
    for (int y = 0; y < high; y += CK_AREA_SIDE) {
        for (int x = 0; x < wide; x += CK_AREA_SIDE) {
            cairo_t *cr = cairo_create(surface);
            cairo_rectangle(cr, x, y, CK_AREA_SIDE, CK_AREA_SIDE);
            cairo_clip(cr);
            cairo_scale(cr, scale, scale);
            cairo_translate(cr, -place.x, -place.y);
            (void)ck_painter_page(p, cr, b, 1, &box);
            cairo_destroy(cr);
        }
    }
    cairo_surface_flush(surface);
    return surface;
}
