#include "runtime/net/dial.h"

#include "base/check.h"
#include "runtime/net/stream.h"
#include "runtime/os/error.h"

#include <string.h>

typedef struct attempt {
    uv_poll_t poll;
    ck_socket socket; /* CK_SOCKET_NONE once it failed or was given away */
    ck_dial *dial;
} attempt;

struct ck_dial {
    ck_loop *loop;
    ck_dial_fn fn;
    void *user;
    uint16_t port;
    uv_getaddrinfo_t request;
    bool resolving;
    uv_timer_t stagger;
    struct sockaddr_storage addresses[CK_CONNECT_ADDRESSES_MAX];
    attempt attempts[CK_CONNECT_ADDRESSES_MAX];
    size_t address_count;
    size_t next;    /* the address to try next */
    size_t open;    /* attempts under way */
    size_t handles; /* of libuv, not closed yet */
    int last_error;
    bool finished;
};

/* ---- the end ---- */

static void free_when_done(ck_dial *dial)
{
    if (dial->finished && !dial->resolving && dial->handles == 0) {
        ck_free(dial->loop->alloc, dial);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    ck_dial *dial = handle->data;
    dial->handles--;
    free_when_done(dial);
}

static void on_attempt_closed(uv_handle_t *handle)
{
    attempt *a = handle->data;
    a->dial->handles--;
    free_when_done(a->dial);
}

static void end_attempt(attempt *a)
{
    if (a->socket != CK_SOCKET_NONE) {
        (void)uv_poll_stop(&a->poll);
        uv_close((uv_handle_t *)&a->poll, on_attempt_closed);
        ck_socket_close(&a->socket);
        a->dial->open--;
    }
}

static void release(ck_dial *dial)
{
    dial->finished = true;
    for (size_t i = 0; i < dial->next; i++) {
        end_attempt(&dial->attempts[i]);
    }
    if (dial->resolving) {
        /* Works while the request still waits for a thread; otherwise its answer is ignored. */
        (void)uv_cancel((uv_req_t *)&dial->request);
    }
    uv_close((uv_handle_t *)&dial->stagger, on_timer_closed);
}

static void finish(ck_dial *dial, int status, ck_socket socket)
{
    ck_dial_fn fn = dial->fn;
    void *user = dial->user;
    release(dial);
    fn(user, status, socket);
}

void ck_dial_cancel(ck_dial **dial)
{
    if (*dial != NULL) {
        release(*dial);
        *dial = NULL;
    }
}

/* ---- attempts ---- */

static void try_next(ck_dial *dial);

static void on_attempt(uv_poll_t *poll, int uv_status, int events)
{
    (void)events;
    attempt *a = poll->data;
    ck_dial *dial = a->dial;
    int status = ck_socket_take_error(a->socket);
    if (status == CHALK_OK && uv_status < 0) {
        status = ck_error_of_uv(uv_status);
    }
    if (status < 0) {
        dial->last_error = status;
        end_attempt(a);
        try_next(dial);
        return;
    }
    ck_socket socket = a->socket;
    /* Taken out of the poll handle first: the stream will watch it with one of its own. */
    (void)uv_poll_stop(&a->poll);
    uv_close((uv_handle_t *)&a->poll, on_attempt_closed);
    a->socket = CK_SOCKET_NONE;
    dial->open--;
    finish(dial, CHALK_OK, socket);
}

static int start_attempt(ck_dial *dial, size_t index)
{
    attempt *a = &dial->attempts[index];
    int status = ck_socket_connect((const struct sockaddr *)&dial->addresses[index], &a->socket);
    if (status != CHALK_OK && status != CHALK_ERR_AGAIN) {
        return status;
    }
    int uv_status = uv_poll_init_socket(&dial->loop->uv, &a->poll, (uv_os_sock_t)a->socket);
    if (uv_status < 0) {
        ck_socket_close(&a->socket);
        return ck_error_of_uv(uv_status);
    }
    a->dial = dial;
    a->poll.data = a;
    dial->handles++;
    dial->open++;
    /* A socket that is connected already is writable at once: one path for both cases. */
    uv_status = uv_poll_start(&a->poll, UV_WRITABLE, on_attempt);
    if (uv_status < 0) {
        end_attempt(a);
    }
    return ck_error_of_uv(uv_status);
}

static void on_stagger(uv_timer_t *timer)
{
    try_next(timer->data);
}

/* Starts the next attempt; when there is none left and none under way, the dial has failed. */
static void try_next(ck_dial *dial)
{
    while (dial->next < dial->address_count) {
        size_t index = dial->next;
        dial->attempts[index].socket = CK_SOCKET_NONE;
        dial->next++;
        int status = start_attempt(dial, index);
        if (status == CHALK_OK) {
            (void)uv_timer_start(&dial->stagger, on_stagger, CK_CONNECT_STAGGER_MS, 0);
            return;
        }
        dial->last_error = status;
    }
    if (dial->open == 0) {
        finish(dial, dial->last_error, CK_SOCKET_NONE);
    }
}

/* ---- addresses ---- */

static void add_address(ck_dial *dial, const struct sockaddr *address)
{
    struct sockaddr_storage *slot = &dial->addresses[dial->address_count++];
    if (address->sa_family == AF_INET6) {
        memcpy(slot, address, sizeof(struct sockaddr_in6));
        ((struct sockaddr_in6 *)slot)->sin6_port = htons(dial->port);
    } else {
        memcpy(slot, address, sizeof(struct sockaddr_in));
        ((struct sockaddr_in *)slot)->sin_port = htons(dial->port);
    }
}

static const struct addrinfo *next_of_family(const struct addrinfo *at, bool v6)
{
    int family = v6 ? AF_INET6 : AF_INET;
    while (at != NULL && at->ai_family != family) {
        at = at->ai_next;
    }
    return at;
}

/* The system's order within a family, the families in turn, the system's first choice first. */
static void interleave(ck_dial *dial, const struct addrinfo *list)
{
    const struct addrinfo *at[2] = {next_of_family(list, false), next_of_family(list, true)};
    bool v6 = list->ai_family == AF_INET6;
    while ((at[0] != NULL || at[1] != NULL) && dial->address_count < CK_CONNECT_ADDRESSES_MAX) {
        const struct addrinfo **from = &at[v6];
        if (*from != NULL) {
            add_address(dial, (*from)->ai_addr);
            *from = next_of_family((*from)->ai_next, v6);
        }
        v6 = !v6;
    }
}

static void on_resolved(uv_getaddrinfo_t *request, int uv_status, struct addrinfo *list)
{
    ck_dial *dial = request->data;
    dial->resolving = false;
    if (dial->finished) {
        uv_freeaddrinfo(list);
        free_when_done(dial);
        return;
    }
    dial->last_error = uv_status < 0 ? ck_error_of_uv(uv_status) : CHALK_ERR_NAME_UNRESOLVED;
    if (dial->last_error == CHALK_ERR_IO) {
        /* Whatever else the resolver says, the outcome is that there is no address. */
        dial->last_error = CHALK_ERR_NAME_UNRESOLVED;
    }
    if (uv_status >= 0 && list != NULL) {
        interleave(dial, list);
    }
    uv_freeaddrinfo(list);
    try_next(dial);
}

static int resolve(ck_dial *dial, const char *host)
{
    struct sockaddr_storage numeric = {0};
    if (uv_ip4_addr(host, 0, (struct sockaddr_in *)&numeric) == 0 ||
        uv_ip6_addr(host, 0, (struct sockaddr_in6 *)&numeric) == 0) {
        add_address(dial, (const struct sockaddr *)&numeric);
        /* Through the timer, so that no callback comes from inside ck_dial_start. */
        (void)uv_timer_start(&dial->stagger, on_stagger, 0, 0);
        return CHALK_OK;
    }
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    dial->request.data = dial;
    if (!dial->loop->has_pool && ck_threads_spare() < 0) {
        return CHALK_ERR_LIMIT;
    }
    dial->loop->has_pool = true;
    int status = uv_getaddrinfo(&dial->loop->uv, &dial->request, on_resolved, host, NULL, &hints);
    dial->resolving = status == 0;
    /* A name that IDNA refuses is a name without an address. */
    return status == UV_EINVAL ? CHALK_ERR_NAME_UNRESOLVED : ck_error_of_uv(status);
}

int ck_dial_start(ck_loop *loop, const char *host, uint16_t port, ck_dial_fn fn, void *user,
                  ck_dial **out)
{
    *out = NULL;
    size_t length = strlen(host);
    if (length == 0 || length > CK_HOST_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_dial *dial = ck_new(loop->alloc, sizeof *dial);
    if (dial == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    dial->loop = loop;
    dial->fn = fn;
    dial->user = user;
    dial->port = port;
    dial->stagger.data = dial;
    (void)uv_timer_init(&loop->uv, &dial->stagger);
    dial->handles = 1;
    int status = resolve(dial, host);
    if (status == CHALK_ERR_NAME_UNRESOLVED || status == CHALK_ERR_LIMIT) {
        /* Reported like every other outcome of a look-up: later, through the callback. */
        dial->last_error = status;
        (void)uv_timer_start(&dial->stagger, on_stagger, 0, 0);
        status = CHALK_OK;
    }
    if (status < 0) {
        release(dial);
        return status;
    }
    *out = dial;
    return CHALK_OK;
}
