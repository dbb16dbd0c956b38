/* Frames: what is refused, what is copied, whose memory it is, and pools. */
#include "support/check.h"

#include "runtime/media/frame.h"
#include "runtime/os/os.h"

#include <stdbool.h>
#include <uv.h>

static uint8_t pixels[64 * 64 * 4];

static chalk_video_info info_of(uint32_t format, int32_t width, int32_t height)
{
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = format;
    info.width = width;
    info.height = height;
    for (int i = 0; i < 3; i++) {
        info.planes[i] = pixels;
        info.strides[i] = 4 * width;
    }
    return info;
}

static void count_release(void *user)
{
    (*(int *)user)++;
}

typedef struct create_row {
    uint32_t format;
    int32_t width, height;
    int32_t stride; /* of plane 0; -1: enough */
    uint32_t color, rotation;
    int missing_plane; /* -1: none */
    int expected;
} create_row;

static const create_row create_rows[] = {
    {CHALK_PIXEL_I420, 16, 16, -1, 0, 0, -1, CHALK_OK},
    {CHALK_PIXEL_I420, 15, 13, -1, CHALK_COLOR_BT709_LIMITED, 90, -1, CHALK_OK},
    {CHALK_PIXEL_I420, 1, 1, -1, 0, 270, -1, CHALK_OK},
    {CHALK_PIXEL_NV12, 16, 16, -1, 0, 180, -1, CHALK_OK},
    {CHALK_PIXEL_NV12, 16, 16, -1, 0, 0, 2, CHALK_OK},
    {CHALK_PIXEL_BGRA, 16, 16, 64, CHALK_COLOR_SRGB_FULL, 0, -1, CHALK_OK},
    {CHALK_PIXEL_BGRA, 16, 16, 63, 0, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, 16, 16, 15, 0, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, 16, 16, -64, 0, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, 16, 16, -1, 0, 0, 2, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, 0, 16, -1, 0, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, 16, -1, -1, 0, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, CHALK_PICTURE_SIDE_MAX + 1, 1, -1, 0, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, 16, 16, -1, CHALK_COLOR_SRGB_FULL, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_BGRA, 16, 16, -1, CHALK_COLOR_BT601_LIMITED, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, 16, 16, -1, 4, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, 16, 16, -1, 0, 45, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_I420, 16, 16, -1, 0, 360, -1, CHALK_ERR_INVALID_ARGUMENT},
    {CHALK_PIXEL_NATIVE, 16, 16, -1, 0, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {0, 16, 16, -1, 0, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
    {5, 16, 16, -1, 0, 0, -1, CHALK_ERR_INVALID_ARGUMENT},
};

CK_TEST(frame, create_accepts_and_refuses)
{
    for (size_t i = 0; i < sizeof(create_rows) / sizeof(create_rows[0]); i++) {
        const create_row *row = &create_rows[i];
        chalk_video_info info = info_of(row->format, row->width, row->height);
        info.color = row->color;
        info.rotation_degrees = row->rotation;
        if (row->stride != -1) {
            info.strides[0] = row->stride;
        }
        if (row->missing_plane >= 0) {
            info.planes[row->missing_plane] = NULL;
        }
        for (int lent = 0; lent < 2; lent++) {
            int released = 0;
            chalk_video_frame *frame = NULL;
            CK_CHECK_ROW(i, chalk_video_frame_create(&info, lent ? count_release : NULL, &released,
                                                     &frame) == row->expected);
            CK_CHECK_ROW(i, (frame != NULL) == (row->expected == CHALK_OK));
            CK_CHECK_ROW(i, released == 0);
            chalk_video_frame_unref(&frame);
            CK_CHECK_ROW(i, frame == NULL);
            CK_CHECK_ROW(i, released == (lent && row->expected == CHALK_OK));
        }
    }
}

CK_TEST(frame, struct_size_and_null_are_checked)
{
    chalk_video_info info = info_of(CHALK_PIXEL_I420, 16, 16);
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(NULL, NULL, NULL, &frame), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, NULL), CHALK_ERR_INVALID_ARGUMENT);
    info.damage_count = 1;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_ERR_INVALID_ARGUMENT);
    info.damage_count = 0;
    info.struct_size = 0;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_ERR_INVALID_ARGUMENT);
    info.struct_size = sizeof(info) + 32; /* a program built against a later version */
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    CK_CHECK_EQ(chalk_video_frame_info(frame, NULL), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_video_frame_info(NULL, &info), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_video_frame_info(frame, &info), CHALK_OK);
    CK_CHECK_EQ(info.struct_size, sizeof(info) + 32);
    info.struct_size = 4;
    CK_CHECK_EQ(chalk_video_frame_info(frame, &info), CHALK_ERR_INVALID_ARGUMENT);
    chalk_video_frame_unref(&frame);
    chalk_video_frame_unref(&frame);
    chalk_video_frame_unref(NULL);
    CK_CHECK(chalk_video_frame_ref(NULL) == NULL);
}

CK_TEST(frame, pixels_are_copied_or_lent)
{
    uint8_t own[6] = {10, 20, 30, 40, 50, 60}; /* 2x2 I420 */
    chalk_video_info info = info_of(CHALK_PIXEL_I420, 2, 2);
    const uint8_t *const planes[3] = {own, own + 4, own + 5};
    const int32_t strides[3] = {2, 1, 1};
    memcpy(info.planes, planes, sizeof(planes));
    memcpy(info.strides, strides, sizeof(strides));
    info.capture_us = 77;

    chalk_video_frame *copied = NULL, *lent = NULL;
    int released = 0;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &copied), CHALK_OK);
    CK_CHECK_EQ(chalk_video_frame_create(&info, count_release, &released, &lent), CHALK_OK);
    memset(own, 0, sizeof(own));

    chalk_video_info seen;
    chalk_video_info_init(&seen);
    CK_CHECK_EQ(chalk_video_frame_info(copied, &seen), CHALK_OK);
    CK_CHECK_EQ(seen.capture_us, 77);
    CK_CHECK_EQ((uintptr_t)seen.planes[0] % 64, 0);
    CK_CHECK_EQ(seen.planes[0][1], 20);
    CK_CHECK_EQ(seen.planes[0][seen.strides[0] + 1], 40);
    CK_CHECK_EQ(seen.planes[1][0], 50);
    CK_CHECK_EQ(seen.planes[2][0], 60);
    CK_CHECK_EQ(chalk_video_frame_info(lent, &seen), CHALK_OK);
    CK_CHECK(seen.planes[0] == own);

    chalk_video_frame *again = chalk_video_frame_ref(lent);
    chalk_video_frame_unref(&lent);
    CK_CHECK_EQ(released, 0);
    chalk_video_frame_unref(&again);
    CK_CHECK_EQ(released, 1);
    chalk_video_frame_unref(&copied);
}

CK_TEST(frame, native_needs_an_owner)
{
    chalk_video_info info = info_of(CHALK_PIXEL_NATIVE, 16, 16);
    int handle = 0, released = 0;
    info.native = &handle;
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_ERR_UNSUPPORTED);
    CK_CHECK_EQ(chalk_video_frame_create(&info, count_release, &released, &frame), CHALK_OK);
    chalk_video_info seen;
    chalk_video_info_init(&seen);
    CK_CHECK_EQ(chalk_video_frame_info(frame, &seen), CHALK_OK);
    CK_CHECK(seen.native == &handle && seen.planes[0] == NULL);
    chalk_video_frame_unref(&frame);
    CK_CHECK_EQ(released, 1);
}

CK_TEST(frame, defaults_are_filled_in)
{
    static const struct {
        uint32_t format;
        int32_t width, height;
        uint32_t color;
    } rows[] = {
        {CHALK_PIXEL_BGRA, 32, 32, CHALK_COLOR_SRGB_FULL},
        {CHALK_PIXEL_I420, 64, 32, CHALK_COLOR_BT601_LIMITED},
    };
    for (size_t i = 0; i < 2; i++) {
        chalk_video_info info = info_of(rows[i].format, rows[i].width, rows[i].height);
        chalk_video_frame *frame = NULL;
        const uint64_t before = ck_clock_us();
        CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
        CK_CHECK_EQ(chalk_video_frame_info(frame, &info), CHALK_OK);
        CK_CHECK_ROW(i, info.color == rows[i].color);
        CK_CHECK_ROW(i, info.capture_us >= before && info.capture_us <= ck_clock_us());
        chalk_video_frame_unref(&frame);
    }
    CK_CHECK_EQ(ck_color_by_size(1280, 720), CHALK_COLOR_BT709_LIMITED);
    CK_CHECK_EQ(ck_color_by_size(1024, 768), CHALK_COLOR_BT709_LIMITED);
    CK_CHECK_EQ(ck_color_by_size(1024, 576), CHALK_COLOR_BT601_LIMITED);
}

CK_TEST(frame, damage_is_clipped_and_bounded)
{
    chalk_rect rects[CK_DAMAGE_MAX + 1];
    for (size_t i = 0; i <= CK_DAMAGE_MAX; i++) {
        rects[i] = (chalk_rect){1, 1, 2, 2};
    }
    static const chalk_rect odd[] = {
        {-5, -5, 10, 10},                            /* over the corner */
        {60, 60, INT32_MAX, INT32_MAX},              /* far over the other one */
        {64, 0, 4, 4},                               /* outside */
        {0, 0, 0, 4},                                /* empty */
        {INT32_MIN, INT32_MIN, 1, 1},                /* no overflow */
        {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX} /* no overflow */
    };
    chalk_video_info info = info_of(CHALK_PIXEL_BGRA, 64, 64);
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    ck_frame_set_damage(frame, odd, 6);
    CK_CHECK_EQ(frame->info.damage_count, 2);
    CK_CHECK_EQ(frame->info.damage[0].width, 5);
    CK_CHECK_EQ(frame->info.damage[1].height, 4);
    ck_frame_set_damage(frame, rects, CK_DAMAGE_MAX);
    CK_CHECK_EQ(frame->info.damage_count, CK_DAMAGE_MAX);
    ck_frame_set_damage(frame, rects, CK_DAMAGE_MAX + 1);
    CK_CHECK_EQ(frame->info.damage_count, 0);
    ck_frame_set_damage(frame, odd + 2, 2);
    CK_CHECK_EQ(frame->info.damage_count, 0);
    CK_CHECK(frame->info.damage == NULL);
    CK_CHECK(!ck_frame_is_still(frame));
    ck_frame_set_still(frame);
    CK_CHECK(ck_frame_is_still(frame));
    ck_frame_set_damage(frame, &(chalk_rect){2, 0, 2, 2}, 1);
    CK_CHECK(!ck_frame_is_still(frame));
    ck_frame_set_damage(frame, &(chalk_rect){0, 0, 2, 4}, 1);
    CK_CHECK(!ck_frame_is_still(frame));
    chalk_video_frame_unref(&frame);
}

CK_TEST(frame, pool_reuses_memory_and_forgets_the_rest)
{
    ck_frame_pool *pool = NULL;
    CK_CHECK_EQ(ck_frame_pool_create(0, &pool), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_frame_pool_create(2, &pool), CHALK_OK);
    chalk_video_frame *a = NULL, *b = NULL;
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_I420, 0, 8, &a), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_NATIVE, 8, 8, &a), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_I420, 33, 17, &a), CHALK_OK);
    const uint8_t *memory = a->memory;
    a->info.pts_us = 5;
    a->info.rotation_degrees = 90;
    ck_frame_set_damage(a, &(chalk_rect){0, 0, 1, 1}, 1);
    ck_frame_plane(a, 2)[0] = 1;
    chalk_video_frame_unref(&a);
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_I420, 33, 17, &b), CHALK_OK);
    CK_CHECK(b->memory == memory);
    CK_CHECK_EQ(b->info.pts_us, 0);
    CK_CHECK_EQ(b->info.rotation_degrees, 0);
    CK_CHECK_EQ(b->info.damage_count, 0);
    for (int i = 0; i < 3; i++) {
        CK_CHECK_EQ((uintptr_t)b->info.planes[i] % 64, 0);
        CK_CHECK_EQ(b->info.strides[i] % 64, 0);
    }
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_I420, 33, 17, &a), CHALK_OK);
    CK_CHECK(a->memory != memory);
    chalk_video_frame_unref(&a);
    chalk_video_frame_unref(&b);

    /* Two frames of another size drive both out of the two places. */
    chalk_video_frame *c = NULL, *d = NULL;
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_BGRA, 64, 64, &c), CHALK_OK);
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_BGRA, 64, 64, &d), CHALK_OK);
    const uint8_t *second = d->memory;
    chalk_video_frame_unref(&c);
    chalk_video_frame_unref(&d);
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_BGRA, 64, 64, &c), CHALK_OK);
    CK_CHECK(c->memory == second);

    /* The pool's owner goes first; the frame stays whole. */
    ck_frame_pool_destroy(&pool);
    ck_frame_pool_destroy(&pool);
    CK_CHECK(pool == NULL);
    memset(ck_frame_plane(c, 0), 9, 64);
    chalk_video_frame_unref(&c);
}

/* Frames of one pool are released on other threads while their owner goes on taking. */
typedef struct relay {
    _Atomic(chalk_video_frame *) slot;
    atomic_bool done;
} relay;

CK_TEST(frame, moves_lie_in_the_picture)
{
    static const struct {
        ck_frame_move move;
        bool kept;
    } rows[] = {
        {{{0, 0, 16, 8}, 0, 8}, true},         {{{15, 15, 1, 1}, 0, 0}, true},
        {{{0, 0, 16, 9}, 0, 8}, false},        {{{1, 0, 16, 1}, 0, 0}, false},
        {{{0, 0, 0, 4}, 0, 0}, false},         {{{-1, 0, 4, 4}, 0, 0}, false},
        {{{0, 0, 4, 4}, 0, -1}, false},        {{{0, 0, 4, 4}, INT32_MAX, 0}, false},
        {{{INT32_MAX, 0, 4, 4}, 0, 0}, false}, {{{0, 0, 4, INT32_MAX}, 0, 0}, false},
    };
    chalk_video_info info = info_of(CHALK_PIXEL_I420, 16, 16);
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint64_t area = (uint64_t)rows[i].move.to.width * (uint64_t)rows[i].move.to.height;
        ck_frame_set_moves(frame, &rows[i].move, 1);
        CK_CHECK_ROW(i, ck_frame_moved_area(frame) == (rows[i].kept ? area : 0));
    }
    ck_frame_move many[2 * CK_MOVES_MAX];
    for (size_t i = 0; i < 2 * CK_MOVES_MAX; i++) {
        many[i] = rows[0].move;
    }
    ck_frame_set_moves(frame, many, 2 * CK_MOVES_MAX);
    CK_CHECK_EQ(ck_frame_moved_area(frame), CK_MOVES_MAX * 128);
    ck_frame_set_damage(frame, NULL, 0);
    CK_CHECK_EQ(ck_frame_moved_area(frame), 0); /* of another picture */
    chalk_video_frame_unref(&frame);
}

static void release_relayed(void *user)
{
    relay *r = user;
    while (!atomic_load(&r->done)) {
        chalk_video_frame *frame = atomic_exchange(&r->slot, NULL);
        chalk_video_frame_unref(&frame);
    }
}

CK_TEST(frame, pool_is_shared_by_threads)
{
    ck_frame_pool *pool = NULL;
    CK_CHECK_EQ(ck_frame_pool_create(3, &pool), CHALK_OK);
    relay r = {NULL, false};
    uv_thread_t thread;
    CK_CHECK_EQ(uv_thread_create(&thread, release_relayed, &r), 0);
    for (int i = 0; i < 20000; i++) {
        chalk_video_frame *frame = NULL;
        CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_I420, 16, 16, &frame), CHALK_OK);
        ck_frame_plane(frame, 0)[0] = (uint8_t)i;
        frame = atomic_exchange(&r.slot, frame);
        chalk_video_frame_unref(&frame);
    }
    ck_frame_pool_destroy(&pool);
    atomic_store(&r.done, true);
    uv_thread_join(&thread);
    chalk_video_frame *rest = atomic_exchange(&r.slot, NULL);
    chalk_video_frame_unref(&rest);
}
