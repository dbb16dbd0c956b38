#include "runtime/media/output.h"

#include "runtime/media/recorder.h"

#include <stdatomic.h>

struct ck_output {
    ck_output_host host;
    ck_recorder *recorder;
    atomic_uint state;
    atomic_int cause;
    atomic_uint origin; /* who asked for the end; 0: nobody */
};

static void tell(ck_output *o, uint32_t state, int cause)
{
    uint32_t asked = atomic_load(&o->origin);
    const ck_output_change change = {
        .state = state,
        .cause = cause,
        .origin = asked != 0 && cause == CHALK_OK ? asked : CHALK_ORIGIN_SYSTEM,
        .text = "",
    };
    atomic_store(&o->cause, cause);
    atomic_store(&o->state, state);
    o->host.changed(o->host.user, &change);
}

static void on_began(void *user)
{
    tell(user, CHALK_LINK_LIVE, CHALK_OK);
}

static void on_ended(void *user, int status)
{
    tell(user, CHALK_LINK_CLOSED, status);
}

static int file_create(const ck_output_config *config, const ck_output_host *host, ck_output **out)
{
    ck_output *o = ck_new(&ck_heap, sizeof *o);
    if (o == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    o->host = *host;
    atomic_store(&o->state, CHALK_LINK_CONNECTING);
    const ck_recorder_config recorder = {
        .codecs = config->codecs,
        .path = config->options->path,
        .has_video = config->video_codec != 0,
        .has_audio = config->audio_codec != 0,
        .video_codec = config->video_codec,
        .audio_codec = config->audio_codec,
        .began = on_began,
        .ended = on_ended,
        .user = o,
    };
    int status = ck_recorder_create(&recorder, &o->recorder);
    if (status < 0) {
        ck_free(&ck_heap, o);
        return status;
    }
    *out = o;
    return CHALK_OK;
}

static void file_packet(ck_output *o, uint32_t media, const ck_packet *packet)
{
    ck_recorder_put(o->recorder, media, packet);
}

static void file_stop(ck_output *o, uint32_t origin)
{
    atomic_store(&o->origin, origin);
    ck_recorder_finish(o->recorder);
}

static void file_get_stats(ck_output *o, chalk_output_stats *stats)
{
    stats->state = atomic_load(&o->state);
    stats->cause = atomic_load(&o->cause);
    stats->bytes_sent = ck_recorder_bytes(o->recorder);
    stats->frames_sent = ck_recorder_frames(o->recorder);
    stats->frames_dropped = ck_recorder_dropped(o->recorder);
}

static void file_destroy(ck_output **output)
{
    ck_output *o = *output;
    if (o != NULL) {
        ck_recorder_destroy(&o->recorder);
        ck_free(&ck_heap, o);
        *output = NULL;
    }
}

const ck_output_ops ck_output_file = {
    .create = file_create,
    .packet = file_packet,
    .stop = file_stop,
    .get_stats = file_get_stats,
    .destroy = file_destroy,
};
