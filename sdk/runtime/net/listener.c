#include "runtime/net/loop_internal.h"
#include "runtime/net/stream.h"

#include "base/check.h"
#include "runtime/os/error.h"

#define DEFAULT_BACKLOG  4096 /* a school comes at once; systems cut it to what they allow */
#define ACCEPTS_PER_TURN 64   /* then the connections that exist have their turn */
#define LIMIT_PAUSE_MS   100  /* out of descriptors */

struct ck_listener {
    ck_loop_item item;
    ck_loop *loop;
    ck_accept_fn accepted;
    void *user;
    ck_socket socket;
    uint16_t port;
    uv_poll_t poll;
    uv_timer_t retry;
    int handles; /* of libuv, not closed yet */
    bool paused; /* by the owner */
    bool full;   /* by ourselves, for lack of descriptors */
    bool destroyed;
};

static void on_handle_closed(uv_handle_t *handle)
{
    ck_listener *l = handle->data;
    if (--l->handles == 0) {
        ck_free(l->loop->alloc, l);
    }
}

static void end(ck_listener *l)
{
    if (l->destroyed) {
        return;
    }
    l->destroyed = true;
    ck_list_remove(&l->item.node);
    (void)uv_poll_stop(&l->poll);
    ck_socket_close(&l->socket);
    uv_close((uv_handle_t *)&l->poll, on_handle_closed);
    uv_close((uv_handle_t *)&l->retry, on_handle_closed);
}

static void abandon(ck_loop_item *item)
{
    end((ck_listener *)item);
}

static void on_poll(uv_poll_t *poll, int uv_status, int events);

static void update_watch(ck_listener *l)
{
    if (l->destroyed) {
        return;
    }
    if (l->paused || l->full) {
        (void)uv_poll_stop(&l->poll);
    } else if (uv_poll_start(&l->poll, UV_READABLE, on_poll) < 0) {
        ck_logf(l->loop->log, 1, "listener", "port %u: the loop cannot watch it", l->port);
    }
}

static void on_retry(uv_timer_t *timer)
{
    ck_listener *l = timer->data;
    l->full = false;
    update_watch(l);
}

/* The socket stays readable, so going on would spin: newcomers wait in the backlog instead. */
static void pause_for_lack(ck_listener *l, int status)
{
    ck_logf(l->loop->log, 2, "listener", "port %u: cannot accept: %s", l->port,
            chalk_error_text(status));
    l->full = true;
    update_watch(l);
    (void)uv_timer_start(&l->retry, on_retry, LIMIT_PAUSE_MS, 0);
}

static void on_poll(uv_poll_t *poll, int uv_status, int events)
{
    ck_listener *l = poll->data;
    (void)events;
    if (uv_status < 0) {
        pause_for_lack(l, ck_error_of_uv(uv_status));
        return;
    }
    for (int i = 0; i < ACCEPTS_PER_TURN && !l->destroyed && !l->paused; i++) {
        ck_socket socket = CK_SOCKET_NONE;
        int status = ck_socket_accept(l->socket, &socket);
        if (status == CHALK_ERR_AGAIN) {
            return;
        }
        if (status < 0) {
            pause_for_lack(l, status);
            return;
        }
        char peer[CK_ADDRESS_TEXT_MAX];
        (void)ck_socket_peer_text(socket, peer, sizeof peer);
        if (l->accepted(l->user, socket, peer) < 0) {
            ck_socket_close(&socket);
        }
    }
}

int ck_listener_create(const ck_listener_config *config, ck_listener **out)
{
    *out = NULL;
    ck_loop *loop = config->loop;
    ck_listener *l = ck_new(loop->alloc, sizeof *l);
    if (l == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    l->loop = loop;
    l->accepted = config->accepted;
    l->user = config->user;
    const char *address = config->address != NULL ? config->address : "127.0.0.1";
    int backlog = config->backlog > 0 ? config->backlog : DEFAULT_BACKLOG;
    int status = ck_socket_listen(address, config->port, backlog, &l->socket);
    if (status == CHALK_OK) {
        l->item.abandon = abandon;
        status = ck_loop_add(loop, &l->item);
    }
    if (status == CHALK_OK) {
        status = ck_error_of_uv(uv_poll_init_socket(&loop->uv, &l->poll, (uv_os_sock_t)l->socket));
        if (status < 0) {
            ck_list_remove(&l->item.node);
        }
    }
    if (status < 0) {
        ck_socket_close(&l->socket);
        ck_free(loop->alloc, l);
        return status;
    }
    l->port = ck_socket_local_port(l->socket);
    l->poll.data = l;
    l->retry.data = l;
    (void)uv_timer_init(&loop->uv, &l->retry);
    l->handles = 2;
    update_watch(l);
    *out = l;
    return CHALK_OK;
}

uint16_t ck_listener_port(const ck_listener *l)
{
    return l->port;
}

void ck_listener_pause(ck_listener *l)
{
    l->paused = true;
    update_watch(l);
}

void ck_listener_resume(ck_listener *l)
{
    l->paused = false;
    update_watch(l);
}

void ck_listener_destroy(ck_listener **l)
{
    if (*l != NULL) {
        end(*l);
        *l = NULL;
    }
}
