#include "runtime/media/output.h"

#include "runtime/media/courier.h"

#include <stdatomic.h>

struct ck_output {
    ck_output_host host;
    ck_courier *courier;
    chalk_packet_fn packet;
    void *packet_user;
    atomic_uint state;
    atomic_uint origin;
    atomic_uint_fast64_t bytes;
    atomic_uint_fast64_t frames;
};

static void tell(ck_output *o, uint32_t state)
{
    uint32_t asked = atomic_load(&o->origin);
    const ck_output_change change = {
        .state = state,
        .cause = CHALK_OK,
        .origin = asked != 0 ? asked : CHALK_ORIGIN_APP,
        .text = "",
    };
    atomic_store(&o->state, state);
    o->host.changed(o->host.user, &change);
}

static int deliver(void *user, uint32_t media, const ck_packet *packet)
{
    (void)media; /* the codec says it */
    ck_output *o = user;
    if (atomic_load(&o->state) == CHALK_LINK_CONNECTING) {
        tell(o, CHALK_LINK_LIVE);
    }
    const chalk_packet out = {
        .struct_size = sizeof out,
        .codec = packet->codec,
        .key = packet->key,
        .config = packet->config,
        .pts_us = packet->pts_us,
        .dts_us = packet->dts_us,
        .data = packet->payload.data,
        .size = packet->payload.size,
    };
    o->packet(o->packet_user, &out);
    atomic_fetch_add(&o->bytes, packet->payload.size);
    atomic_fetch_add(&o->frames, !packet->config);
    return CHALK_OK;
}

static void ended(void *user, int status)
{
    (void)status; /* deliver never fails */
    tell(user, CHALK_LINK_CLOSED);
}

static int app_create(const ck_output_config *config, const ck_output_host *host, ck_output **out)
{
    ck_output *o = ck_new(&ck_heap, sizeof *o);
    if (o == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    o->host = *host;
    o->packet = config->options->packet;
    o->packet_user = config->options->packet_user;
    atomic_store(&o->state, CHALK_LINK_CONNECTING);
    const ck_courier_host courier = {deliver, ended, o};
    int status = ck_courier_create("chalk-output", &courier, &o->courier);
    if (status < 0) {
        ck_free(&ck_heap, o);
        return status;
    }
    *out = o;
    return CHALK_OK;
}

static void app_packet(ck_output *o, uint32_t media, const ck_packet *packet)
{
    ck_courier_put(o->courier, media, packet);
}

static void app_stop(ck_output *o, uint32_t origin)
{
    atomic_store(&o->origin, origin);
    ck_courier_finish(o->courier);
}

static void app_get_stats(ck_output *o, chalk_output_stats *stats)
{
    stats->state = atomic_load(&o->state);
    stats->bytes_sent = atomic_load(&o->bytes);
    stats->frames_sent = atomic_load(&o->frames);
    stats->frames_dropped = ck_courier_dropped(o->courier);
}

static void app_destroy(ck_output **output)
{
    ck_output *o = *output;
    if (o != NULL) {
        ck_courier_destroy(&o->courier);
        ck_free(&ck_heap, o);
        *output = NULL;
    }
}

const ck_output_ops ck_output_app = {
    .create = app_create,
    .packet = app_packet,
    .stop = app_stop,
    .get_stats = app_get_stats,
    .destroy = app_destroy,
};
