#include "platform/linux/x11_canvas.h"

#include "base/check.h"
#include "runtime/os/os.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <xcb/shm.h>

#define ALL_PLANES      UINT32_MAX
#define BYTES_PER_PIXEL 4
#define SHM_OWNER_ALONE 0600

struct ck_x11_buffer {
    ck_x11_canvas *canvas;
    atomic_uint frames;    /* that show this buffer; it is filled only at 0 */
    uint8_t *pixels;       /* NULL until it is first needed */
    xcb_shm_seg_t segment; /* the server's name for it; 0: private memory */
    int32_t stale_top;     /* rows that are out of date: [stale_top, stale_bottom) */
    int32_t stale_bottom;
};

struct ck_x11_canvas {
    atomic_uint holders; /* the owner and each frame */
    int32_t width;
    int32_t height;
    bool shm_refused; /* a remote server, or one with other shared memory: copies from then on */
    ck_x11_buffer buffers[CK_X11_BUFFERS];
};

static size_t stride_of(const ck_x11_canvas *canvas)
{
    return (size_t)canvas->width * BYTES_PER_PIXEL;
}

int ck_x11_canvas_create(int32_t width, int32_t height, ck_x11_canvas **out)
{
    ck_x11_canvas *canvas = ck_new(&ck_heap, sizeof *canvas);
    if (canvas == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    atomic_init(&canvas->holders, 1);
    canvas->width = width;
    canvas->height = height;
    for (size_t i = 0; i < CK_X11_BUFFERS; i++) {
        canvas->buffers[i].canvas = canvas;
        atomic_init(&canvas->buffers[i].frames, 0);
        canvas->buffers[i].stale_bottom = height;
    }
    *out = canvas;
    return CHALK_OK;
}

static void free_pixels(ck_x11_buffer *buffer)
{
    if (buffer->segment != 0) {
        shmdt(buffer->pixels);
    } else {
        ck_free(&ck_heap, buffer->pixels);
    }
}

static void let_go(ck_x11_canvas *canvas)
{
    if (atomic_fetch_sub_explicit(&canvas->holders, 1, memory_order_acq_rel) > 1) {
        return;
    }
    for (size_t i = 0; i < CK_X11_BUFFERS; i++) {
        free_pixels(&canvas->buffers[i]);
    }
    ck_free(&ck_heap, canvas);
}

void ck_x11_canvas_destroy(ck_x11_canvas **canvas, const ck_x11_display *d)
{
    ck_x11_canvas *c = *canvas;
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < CK_X11_BUFFERS && d->connection != NULL; i++) {
        if (c->buffers[i].segment != 0) {
            xcb_shm_detach(d->connection, c->buffers[i].segment);
        }
    }
    let_go(c);
    *canvas = NULL;
}

void ck_x11_buffer_touch(ck_x11_buffer *buffer, int32_t top, int32_t bottom)
{
    if (top >= bottom) {
        return;
    }
    if (buffer->stale_top >= buffer->stale_bottom) {
        buffer->stale_top = top;
        buffer->stale_bottom = bottom;
        return;
    }
    buffer->stale_top = CK_MIN(buffer->stale_top, top);
    buffer->stale_bottom = CK_MAX(buffer->stale_bottom, bottom);
}

void ck_x11_canvas_touch(ck_x11_canvas *canvas, int32_t top, int32_t bottom)
{
    top = CK_MAX(top, 0);
    bottom = CK_MIN(bottom, canvas->height);
    for (size_t i = 0; i < CK_X11_BUFFERS; i++) {
        ck_x11_buffer_touch(&canvas->buffers[i], top, bottom);
    }
}

/* Makes shared memory and has the server map it. False when either end refuses. */
static bool share(ck_x11_buffer *buffer, const ck_x11_display *d, size_t size)
{
    int id = shmget(IPC_PRIVATE, size, IPC_CREAT | SHM_OWNER_ALONE);
    if (id < 0) {
        return false;
    }
    void *memory = shmat(id, NULL, 0);
    if (memory == (void *)-1) {
        shmctl(id, IPC_RMID, NULL);
        return false;
    }
    xcb_shm_seg_t segment = xcb_generate_id(d->connection);
    xcb_void_cookie_t cookie = xcb_shm_attach_checked(d->connection, segment, (uint32_t)id, 0);
    xcb_generic_error_t *error = xcb_request_check(d->connection, cookie);
    /* Marked for removal while both ends have it mapped, so that no crash can leave it behind. */
    shmctl(id, IPC_RMID, NULL);
    if (error != NULL || ck_x11_display_gone(d)) {
        free(error);
        shmdt(memory);
        return false;
    }
    buffer->pixels = memory;
    buffer->segment = segment;
    return true;
}

static int prepare(ck_x11_canvas *canvas, ck_x11_buffer *buffer, const ck_x11_display *d)
{
    if (buffer->pixels != NULL) {
        return CHALK_OK;
    }
    size_t size = stride_of(canvas) * (size_t)canvas->height;
    if (d->has_shm && !canvas->shm_refused) {
        if (share(buffer, d, size)) {
            return CHALK_OK;
        }
        canvas->shm_refused = true;
    }
    buffer->pixels = ck_new(&ck_heap, size);
    return buffer->pixels != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

/* The server writes the band straight into the buffer. */
static bool fetch_shared(ck_x11_buffer *buffer, const ck_x11_display *d,
                         const ck_x11_target *target, uint16_t rows)
{
    uint32_t offset = (uint32_t)buffer->stale_top * (uint32_t)stride_of(buffer->canvas);
    xcb_shm_get_image_cookie_t cookie = xcb_shm_get_image(
        d->connection, target->drawable, (int16_t)target->area.x,
        (int16_t)(target->area.y + buffer->stale_top), (uint16_t)buffer->canvas->width, rows,
        ALL_PLANES, XCB_IMAGE_FORMAT_Z_PIXMAP, buffer->segment, offset);
    xcb_shm_get_image_reply_t *reply = xcb_shm_get_image_reply(d->connection, cookie, NULL);
    bool done = reply != NULL;
    free(reply);
    return done;
}

static bool fetch_copied(ck_x11_buffer *buffer, const ck_x11_display *d,
                         const ck_x11_target *target, uint16_t rows)
{
    xcb_get_image_cookie_t cookie =
        xcb_get_image(d->connection, XCB_IMAGE_FORMAT_Z_PIXMAP, target->drawable,
                      (int16_t)target->area.x, (int16_t)(target->area.y + buffer->stale_top),
                      (uint16_t)buffer->canvas->width, rows, ALL_PLANES);
    xcb_get_image_reply_t *reply = xcb_get_image_reply(d->connection, cookie, NULL);
    size_t stride = stride_of(buffer->canvas);
    size_t size = stride * rows;
    bool done = reply != NULL && (size_t)xcb_get_image_data_length(reply) >= size;
    if (done) {
        memcpy(buffer->pixels + stride * (size_t)buffer->stale_top, xcb_get_image_data(reply),
               size);
    }
    free(reply);
    return done;
}

static int refresh(ck_x11_buffer *buffer, const ck_x11_display *d, const ck_x11_target *target)
{
    if (buffer->stale_top >= buffer->stale_bottom) {
        return CHALK_OK;
    }
    uint16_t rows = (uint16_t)(buffer->stale_bottom - buffer->stale_top);
    bool done = buffer->segment != 0 ? fetch_shared(buffer, d, target, rows)
                                     : fetch_copied(buffer, d, target, rows);
    if (!done) {
        return ck_x11_display_gone(d) ? CHALK_ERR_NO_DISPLAY : CHALK_ERR_NO_DEVICE;
    }
    buffer->stale_top = 0;
    buffer->stale_bottom = 0;
    return CHALK_OK;
}

/* Of the buffers that nobody reads, one that exists already, and of those the least out of date. */
static ck_x11_buffer *choose(ck_x11_canvas *canvas)
{
    ck_x11_buffer *best = NULL;
    for (size_t i = 0; i < CK_X11_BUFFERS; i++) {
        ck_x11_buffer *b = &canvas->buffers[i];
        if (atomic_load_explicit(&b->frames, memory_order_acquire) > 0) {
            continue;
        }
        int32_t rows = b->stale_bottom - b->stale_top;
        bool better = best == NULL || (b->pixels != NULL && best->pixels == NULL) ||
                      (b->pixels != NULL && rows < best->stale_bottom - best->stale_top);
        if (better) {
            best = b;
        }
    }
    return best;
}

int ck_x11_canvas_fetch(ck_x11_canvas *canvas, const ck_x11_display *d, const ck_x11_target *target,
                        ck_x11_buffer **out)
{
    ck_x11_buffer *buffer = choose(canvas);
    if (buffer == NULL) {
        return CHALK_ERR_AGAIN;
    }
    int status = prepare(canvas, buffer, d);
    if (status == CHALK_OK) {
        status = refresh(buffer, d, target);
    }
    *out = buffer;
    return status;
}

uint8_t *ck_x11_buffer_pixels(ck_x11_buffer *buffer)
{
    return buffer->pixels;
}

static void frame_released(void *user)
{
    ck_x11_buffer *buffer = user;
    ck_x11_canvas *canvas = buffer->canvas;
    atomic_fetch_sub_explicit(&buffer->frames, 1, memory_order_release);
    let_go(canvas);
}

int ck_x11_canvas_lend(ck_x11_canvas *canvas, ck_x11_buffer *buffer, uint64_t capture_us,
                       chalk_video_frame **out)
{
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_BGRA;
    info.color = CHALK_COLOR_SRGB_FULL;
    info.width = canvas->width;
    info.height = canvas->height;
    info.planes[0] = buffer->pixels;
    info.strides[0] = (int32_t)stride_of(canvas);
    info.capture_us = capture_us;
    atomic_fetch_add_explicit(&canvas->holders, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&buffer->frames, 1, memory_order_relaxed);
    int status = chalk_video_frame_create(&info, frame_released, buffer, out);
    if (status != CHALK_OK) {
        frame_released(buffer);
    }
    return status;
}
