#include "runtime/net/watch.h"

#include "runtime/net/loop_internal.h"

struct ck_watch {
    ck_loop_item item;
    ck_loop *loop;
    uv_poll_t uv;
    int fd;
    void (*readable)(void *user, int fd);
    void *user;
    bool destroyed;
};

static void on_closed(uv_handle_t *handle)
{
    ck_watch *watch = handle->data;
    uv_fs_t request;
    (void)uv_fs_close(NULL, &request, watch->fd, NULL);
    uv_fs_req_cleanup(&request);
    ck_free(watch->loop->alloc, watch);
}

static void close_watch(ck_watch *watch)
{
    if (!watch->destroyed) {
        watch->destroyed = true;
        ck_list_remove(&watch->item.node);
        uv_close((uv_handle_t *)&watch->uv, on_closed);
    }
}

static void abandon(ck_loop_item *item)
{
    close_watch((ck_watch *)item);
}

/* A descriptor that fails would be reported for ever. */
static void on_event(uv_poll_t *handle, int status, int events)
{
    ck_watch *watch = handle->data;
    (void)events;
    if (status < 0) {
        (void)uv_poll_stop(handle);
        return;
    }
    watch->readable(watch->user, watch->fd);
}

int ck_watch_create(ck_loop *loop, int fd, void (*readable)(void *user, int fd), void *user,
                    ck_watch **out)
{
    *out = NULL;
    if (loop->torn_down) {
        return CHALK_ERR_CANCELLED;
    }
    ck_watch *watch = ck_new(loop->alloc, sizeof *watch);
    if (watch == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    watch->loop = loop;
    watch->fd = fd;
    watch->readable = readable;
    watch->user = user;
    watch->item.abandon = abandon;
    if (uv_poll_init(&loop->uv, &watch->uv, fd) != 0) {
        ck_free(loop->alloc, watch);
        return CHALK_ERR_UNSUPPORTED;
    }
    watch->uv.data = watch;
    (void)ck_loop_add(loop, &watch->item); /* refused in a loop that is torn down alone */
    (void)uv_poll_start(&watch->uv, UV_READABLE, on_event);
    *out = watch;
    return CHALK_OK;
}

void ck_watch_destroy(ck_watch **watch)
{
    if (*watch != NULL) {
        close_watch(*watch);
        *watch = NULL;
    }
}
