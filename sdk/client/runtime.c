#include "client/client.h"

#include <limits.h>
#include <string.h>

uint32_t chalk_version(void)
{
    return CHALK_VERSION_MAJOR * 1000000u + CHALK_VERSION_MINOR * 1000u + CHALK_VERSION_PATCH;
}

void chalk_runtime_options_init(chalk_runtime_options *options)
{
    *options = (chalk_runtime_options){.struct_size = sizeof *options};
}

static int set_up(chalk_runtime *r, const chalk_runtime_options *options)
{
    r->host_driven = (options->flags & CHALK_RUNTIME_HOST_DRIVEN) != 0;
    r->log = (ck_log){
        .line = options->log,
        .user = options->log_user,
        .level = options->log_level != 0 ? (int)options->log_level : CHALK_LOG_WARNING,
    };
    if (options->ca_file != NULL) {
        r->ca_file = ck_strdup(&ck_heap, options->ca_file);
        ck_tls *tls = NULL;
        int status = r->ca_file != NULL ? ck_runtime_tls(r, &tls) : CHALK_ERR_NO_MEMORY;
        if (status < 0) {
            return status;
        }
    }
    int status = ck_inflate_pool_create(&ck_heap, &r->inflaters);
    if (status < 0) {
        return status;
    }
    const ck_loop_config config = {
        .alloc = &ck_heap,
        .log = &r->log,
        .thread_name = "chalk-loop",
        .host_driven = r->host_driven,
    };
    return ck_loop_create(&config, &r->loop);
}

int chalk_runtime_create(const chalk_runtime_options *options, chalk_runtime **out)
{
    chalk_runtime_options defaults;
    chalk_runtime_options_init(&defaults);
    options = options != NULL ? options : &defaults;
    if (out == NULL || !CK_KNOWN_SIZE(options) || options->log_level > CHALK_LOG_DEBUG ||
        (options->flags & ~(uint32_t)CHALK_RUNTIME_HOST_DRIVEN) != 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    chalk_runtime *r = ck_new(&ck_heap, sizeof *r);
    if (r == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (uv_mutex_init(&r->lock) != 0) {
        ck_free(&ck_heap, r);
        return CHALK_ERR_LIMIT;
    }
    if (uv_mutex_init(&r->tls_lock) != 0) {
        uv_mutex_destroy(&r->lock);
        ck_free(&ck_heap, r);
        return CHALK_ERR_LIMIT;
    }
    int status = set_up(r, options);
    if (status < 0) {
        chalk_runtime_destroy(&r);
        return status;
    }
    *out = r;
    return CHALK_OK;
}

void chalk_runtime_destroy(chalk_runtime **runtime)
{
    if (runtime == NULL || *runtime == NULL) {
        return;
    }
    chalk_runtime *r = *runtime;
    while (r->sessions != NULL) {
        chalk_session *session = r->sessions;
        chalk_session_destroy(&session);
    }
    if (r->loop != NULL) {
        ck_loop_destroy(&r->loop);
    }
    ck_inflate_pool_destroy(&r->inflaters); /* rooms went with their sessions and the loop */
    ck_tls_unref(&r->tls);
    ck_free(&ck_heap, r->ca_file);
    uv_mutex_destroy(&r->tls_lock);
    uv_mutex_destroy(&r->lock);
    ck_free(&ck_heap, r);
    *runtime = NULL;
}

int ck_runtime_tls(chalk_runtime *r, ck_tls **out)
{
    int status = CHALK_OK;
    uv_mutex_lock(&r->tls_lock);
    if (r->tls == NULL) {
        status = ck_tls_client_create(&ck_heap, &r->log, r->ca_file, &r->tls);
    }
    *out = r->tls;
    uv_mutex_unlock(&r->tls_lock);
    return status;
}

bool ck_runtime_reaches_loop(chalk_runtime *r)
{
    return !r->host_driven || ck_loop_is_current(r->loop);
}

int chalk_runtime_poll(chalk_runtime *r)
{
    return r != NULL && r->host_driven ? ck_loop_poll(r->loop) : CHALK_ERR_BAD_STATE;
}

int chalk_runtime_poll_fd(chalk_runtime *r)
{
    return r != NULL && r->host_driven ? ck_loop_poll_fd(r->loop) : CHALK_ERR_BAD_STATE;
}

int chalk_runtime_poll_timeout_ms(chalk_runtime *r)
{
    return r != NULL && r->host_driven ? ck_loop_poll_timeout_ms(r->loop) : CHALK_ERR_BAD_STATE;
}

uint64_t chalk_runtime_now_us(chalk_runtime *r)
{
    (void)r;
    return ck_clock_us();
}

static void tell_sessions(chalk_runtime *r, bool online)
{
    uv_mutex_lock(&r->lock);
    for (chalk_session *s = r->sessions; s != NULL; s = s->next) {
        ck_client_network(s, online);
    }
    uv_mutex_unlock(&r->lock);
}

/* On the host's thread, inside its poll: a system reports changes of the network on threads of its
 * own. A session that polls while it ends is no longer in the list. */
static void went_online(void *arg, bool cancelled)
{
    if (!cancelled) {
        tell_sessions(arg, true);
    }
}

static void went_offline(void *arg, bool cancelled)
{
    if (!cancelled) {
        tell_sessions(arg, false);
    }
}

int chalk_runtime_network_changed(chalk_runtime *r, int online)
{
    if (r == NULL || (online != 0 && online != 1)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (ck_runtime_reaches_loop(r)) {
        tell_sessions(r, online != 0);
    } else {
        (void)ck_loop_post(r->loop, online != 0 ? went_online : went_offline, r); /* a hint */
    }
    return CHALK_OK;
}

static int set_flag(chalk_runtime *r, atomic_bool *flag, int value)
{
    if (value != 0 && value != 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    uv_mutex_lock(&r->lock);
    atomic_store(flag, value != 0);
    for (chalk_session *s = r->sessions; s != NULL; s = s->next) {
        ck_client_apply(s);
    }
    uv_mutex_unlock(&r->lock);
    return CHALK_OK;
}

int chalk_runtime_background(chalk_runtime *r, int background)
{
    return r != NULL ? set_flag(r, &r->background, background) : CHALK_ERR_INVALID_ARGUMENT;
}

int chalk_runtime_interrupted(chalk_runtime *r, int interrupted)
{
    return r != NULL ? set_flag(r, &r->interrupted, interrupted) : CHALK_ERR_INVALID_ARGUMENT;
}
