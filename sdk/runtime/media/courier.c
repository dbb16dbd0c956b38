#include "runtime/media/courier.h"

#include "chalkrail/errors.h"

#include "base/text.h"
#include "runtime/media/packet_queue.h"
#include "runtime/os/os.h"

#include <uv.h>

struct ck_courier {
    ck_courier_host host;
    char name[16];
    uv_thread_t thread;
    /* `lock` guards all below. */
    uv_mutex_t lock;
    uv_cond_t wake;
    ck_packet_queue queue;
    bool finishing;
};

static bool take(ck_courier *c, uint32_t *media, ck_packet *packet)
{
    uv_mutex_lock(&c->lock);
    while (c->queue.ring.count == 0 && !c->finishing) {
        uv_cond_wait(&c->wake, &c->lock);
    }
    bool got = ck_packet_queue_take(&c->queue, media, packet);
    uv_mutex_unlock(&c->lock);
    return got;
}

/* After a failure nothing is delivered any more, so nothing is kept either. */
static void close_queue(ck_courier *c)
{
    uv_mutex_lock(&c->lock);
    c->finishing = true;
    ck_packet_queue_clear(&c->queue);
    uv_mutex_unlock(&c->lock);
}

static void run(void *arg)
{
    ck_courier *c = arg;
    ck_thread_name(c->name);
    int status = CHALK_OK;
    uint32_t media;
    ck_packet packet;
    while (status >= 0 && take(c, &media, &packet)) {
        status = c->host.deliver(c->host.user, media, &packet);
        ck_packet_unref(&packet);
    }
    close_queue(c);
    c->host.ended(c->host.user, status < 0 ? status : CHALK_OK);
}

int ck_courier_create(const char *thread_name, const ck_courier_host *host, ck_courier **out)
{
    ck_courier *c = ck_new(&ck_heap, sizeof *c);
    if (c == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    c->host = *host;
    (void)ck_text_copy(c->name, sizeof c->name, thread_name); /* a cut name does no harm */
    int status = ck_packet_queue_init(&c->queue, CK_COURIER_PACKETS, CK_COURIER_BYTES);
    if (status < 0) {
        goto fail_queue;
    }
    status = CHALK_ERR_LIMIT;
    if (uv_mutex_init(&c->lock) != 0) {
        goto fail_lock;
    }
    if (uv_cond_init(&c->wake) != 0) {
        goto fail_cond;
    }
    if (uv_thread_create(&c->thread, run, c) != 0) {
        goto fail_thread;
    }
    *out = c;
    return CHALK_OK;

fail_thread:
    uv_cond_destroy(&c->wake);
fail_cond:
    uv_mutex_destroy(&c->lock);
fail_lock:
    ck_packet_queue_free(&c->queue);
fail_queue:
    ck_free(&ck_heap, c);
    return status;
}

void ck_courier_put(ck_courier *c, uint32_t media, const ck_packet *packet)
{
    uv_mutex_lock(&c->lock);
    if (c->finishing) {
        c->queue.dropped++;
    } else if (ck_packet_queue_put(&c->queue, media, packet)) {
        uv_cond_signal(&c->wake);
    }
    uv_mutex_unlock(&c->lock);
}

void ck_courier_finish(ck_courier *c)
{
    uv_mutex_lock(&c->lock);
    c->finishing = true;
    uv_cond_signal(&c->wake);
    uv_mutex_unlock(&c->lock);
}

uint64_t ck_courier_dropped(ck_courier *c)
{
    uv_mutex_lock(&c->lock);
    uint64_t dropped = c->queue.dropped;
    uv_mutex_unlock(&c->lock);
    return dropped;
}

void ck_courier_destroy(ck_courier **courier)
{
    ck_courier *c = *courier;
    if (c == NULL) {
        return;
    }
    ck_courier_finish(c);
    uv_thread_join(&c->thread);
    ck_packet_queue_free(&c->queue);
    uv_cond_destroy(&c->wake);
    uv_mutex_destroy(&c->lock);
    ck_free(&ck_heap, c);
    *courier = NULL;
}
