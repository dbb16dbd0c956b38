#include "client/client.h"
#include "client/room.h"

#include "base/check.h"
#include "base/time.h"

#include <limits.h>

#define GOODBYE_US 2500000 /* outputs are given two seconds by their session cores */

/* Read alone, so that a write to it is found at once. */
static const ck_client_objects no_objects;
static const ck_client_playing no_playing;

static ck_client_objects *nothing(void)
{
    return (ck_client_objects *)(uintptr_t)&no_objects;
}

static ck_client_playing *no_playback(void)
{
    return (ck_client_playing *)(uintptr_t)&no_playing;
}

bool ck_client_own_playing(chalk_session *s)
{
    if (s->playing == no_playback()) {
        ck_client_playing *own = ck_new(&ck_heap, sizeof *own);
        s->playing = own != NULL ? own : s->playing;
    }
    return s->playing != no_playback();
}

bool ck_client_own_objects(chalk_session *s)
{
    if (s->objects == nothing()) {
        ck_client_objects *own = ck_new(&ck_heap, sizeof *own);
        s->objects = own != NULL ? own : s->objects;
    }
    return s->objects != nothing();
}

int ck_client_no_place(const chalk_session *s)
{
    return s->objects != nothing() ? CHALK_ERR_LIMIT : CHALK_ERR_NO_MEMORY;
}

void chalk_session_options_init(chalk_session_options *options)
{
    *options = (chalk_session_options){.struct_size = sizeof *options};
}

/* Frees the event queue when there are none to be had. */
static int make_locks(chalk_session *s)
{
    int status = ck_stamp_clock_init(&s->stamps);
    if (status < 0) {
        goto no_stamps;
    }
    status = ck_client_pointer_init(&s->pointer);
    if (status < 0) {
        goto no_pointer;
    }
    if (uv_mutex_init(&s->lock) == 0) {
        return CHALK_OK;
    }
    status = CHALK_ERR_LIMIT;
    ck_client_pointer_free(&s->pointer);
no_pointer:
    ck_stamp_clock_free(&s->stamps);
no_stamps:
    ck_events_free(&s->events);
    return status;
}

int chalk_session_create(chalk_runtime *runtime, const chalk_session_options *options,
                         chalk_session **out)
{
    chalk_session_options defaults;
    chalk_session_options_init(&defaults);
    options = options != NULL ? options : &defaults;
    uint32_t events = options->events_max != 0 ? options->events_max : CK_EVENTS_DEFAULT;
    if (runtime == NULL || out == NULL || !CK_KNOWN_SIZE(options) || events < 16 ||
        events > 65536) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    chalk_session *s = ck_new(&ck_heap, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    s->runtime = runtime;
    s->objects = nothing();
    s->playing = no_playback();
    int status = ck_events_init(&s->events, events, options->wakeup, options->wakeup_user);
    if (status == CHALK_OK) {
        status = make_locks(s);
    }
    if (status < 0) {
        ck_free(&ck_heap, s);
        return status;
    }
    uv_mutex_lock(&runtime->lock);
    s->next = runtime->sessions;
    runtime->sessions = s;
    uv_mutex_unlock(&runtime->lock);
    *out = s;
    return CHALK_OK;
}

static bool all_closed(const chalk_session *s)
{
    if (!ck_client_room_is_closed(s->room)) {
        return false;
    }
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        if ((s->objects->outputs[i] != NULL && !atomic_load(&s->objects->outputs[i]->closed)) ||
            (s->playing->playbacks[i] != NULL && !atomic_load(&s->playing->playbacks[i]->closed))) {
            return false;
        }
    }
    return true;
}

/* Streams are ended as their servers expect, files completed. */
static void say_goodbye(chalk_session *s)
{
    ck_client_room_stop(s->room);
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        if (s->objects->outputs[i] != NULL) {
            ck_client_output_unlink(s->objects->outputs[i], NULL);
            ck_client_output_stop(s->objects->outputs[i], CHALK_ORIGIN_USER);
        }
        if (s->playing->playbacks[i] != NULL) {
            ck_client_playback_stop(s->playing->playbacks[i]);
        }
    }
    uint64_t until_us = ck_clock_us() + GOODBYE_US;
    while (!all_closed(s) && ck_clock_us() < until_us) {
        if (s->runtime->host_driven) {
            (void)ck_loop_poll(s->runtime->loop);
        }
        uv_sleep(2);
    }
}

static void free_objects(chalk_session *s)
{
    ck_client_room_free(&s->room);
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        ck_client_output_free(&s->objects->outputs[i]);
        ck_client_playback_free(&s->playing->playbacks[i]);
    }
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        ck_client_encoding_free(&s->objects->encodings[i]);
    }
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        ck_client_source_free(&s->objects->sources[i]);
        ck_free(&ck_heap, s->objects->tracks[i]);
        ck_free(&ck_heap, s->objects->publications[i]);
    }
    if (s->objects != nothing()) {
        ck_free(&ck_heap, s->objects);
    }
    if (s->playing != no_playback()) {
        ck_free(&ck_heap, s->playing);
    }
}

void chalk_session_destroy(chalk_session **session)
{
    if (session == NULL || *session == NULL) {
        return;
    }
    chalk_session *s = *session;
    chalk_runtime *r = s->runtime;
    uv_mutex_lock(&r->lock);
    for (chalk_session **at = &r->sessions; *at != NULL; at = &(*at)->next) {
        if (*at == s) {
            *at = s->next;
            break;
        }
    }
    uv_mutex_unlock(&r->lock);
    if (r->host_driven) {
        (void)ck_loop_poll(r->loop); /* makes this thread the host's, also when it was not before */
    }
    uv_mutex_lock(&s->lock);
    say_goodbye(s);
    free_objects(s);
    uv_mutex_unlock(&s->lock);
    uv_mutex_destroy(&s->lock);
    ck_stamp_clock_free(&s->stamps);
    ck_client_pointer_free(&s->pointer);
    ck_events_free(&s->events);
    ck_free(&ck_heap, s);
    *session = NULL;
}

int ck_request_make(chalk_session *s, ck_client_request *slot, chalk_request_id *out)
{
    uint64_t known = atomic_load(slot);
    if (known == CK_REQUEST_OVER) {
        return CHALK_ERR_NOT_FOUND;
    }
    if (out == NULL || known != 0) {
        if (out != NULL) {
            *out = known;
        }
        return CHALK_OK;
    }
    if (!ck_events_reserve(&s->events)) {
        return CHALK_ERR_LIMIT;
    }
    uint64_t request = ++s->last_id;
    if (!atomic_compare_exchange_strong(slot, &known, request)) {
        ck_events_release(&s->events); /* it ended this very moment, by itself */
        return CHALK_ERR_NOT_FOUND;
    }
    *out = request;
    return CHALK_OK;
}

uint64_t ck_request_end(ck_client_request *slot)
{
    return atomic_exchange(slot, CK_REQUEST_OVER);
}

void ck_client_reap(chalk_session *s)
{
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        if (s->objects->outputs[i] != NULL && atomic_load(&s->objects->outputs[i]->closed)) {
            ck_client_output_free(&s->objects->outputs[i]);
        }
        if (s->playing->playbacks[i] != NULL && atomic_load(&s->playing->playbacks[i]->closed)) {
            ck_client_playback_free(&s->playing->playbacks[i]);
        }
    }
}

void ck_client_enter(chalk_session *s)
{
    uv_mutex_lock(&s->lock);
    if (ck_runtime_reaches_loop(s->runtime)) {
        ck_client_reap(s);
    }
}

void ck_client_leave(chalk_session *s)
{
    uv_mutex_unlock(&s->lock);
}

void ck_client_apply(chalk_session *s)
{
    ck_client_enter(s);
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        if (s->objects->sources[i] != NULL) {
            ck_client_source_rest(s->objects->sources[i]);
        }
        if (s->playing->playbacks[i] != NULL) {
            ck_client_playback_apply(s->playing->playbacks[i]);
        }
    }
    ck_client_leave(s);
}

typedef struct network_call {
    chalk_session *session;
    bool online;
} network_call;

static void tell_links(void *arg)
{
    const network_call *call = arg;
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        ck_client_playback *p = call->session->playing->playbacks[i];
        if (p != NULL && p->link != NULL) {
            ck_link_network_changed(p->link, call->online);
        }
    }
}

void ck_client_network(chalk_session *s, bool online)
{
    ck_client_enter(s);
    for (size_t i = 0; i < CK_OBJECTS; i++) {
        ck_client_output *o = s->objects->outputs[i];
        if (o != NULL && o->ops->network_changed != NULL) {
            o->ops->network_changed(o->output, online);
        }
    }
    ck_client_room_network(s->room, online);
    network_call call = {s, online};
    (void)ck_loop_call(s->runtime->loop, tell_links, &call); /* a hint: may be lost */
    ck_client_leave(s);
}

/* An object that the application now knows to be gone need not be fed until it calls again. */
static int take_event(chalk_session *s, chalk_event *out, uint64_t wait_us)
{
    int status = ck_events_take(&s->events, out, wait_us);
    if (status < 0) {
        return status;
    }
    bool link = out->kind == CHALK_EVENT_OUTPUT || out->kind == CHALK_EVENT_PLAYBACK;
    if (link && out->state == CHALK_LINK_CLOSED) {
        ck_client_enter(s);
        ck_client_leave(s);
    }
    return status;
}

int chalk_session_next_event(chalk_session *s, chalk_event *out)
{
    return s != NULL && out != NULL ? take_event(s, out, 0) : CHALK_ERR_INVALID_ARGUMENT;
}

int chalk_session_wait_event(chalk_session *s, chalk_event *out, int32_t timeout_ms)
{
    if (s == NULL || out == NULL || timeout_ms < 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (s->runtime->host_driven) {
        return CHALK_ERR_BAD_STATE;
    }
    return take_event(s, out, (uint64_t)timeout_ms * CK_US_PER_MS);
}
