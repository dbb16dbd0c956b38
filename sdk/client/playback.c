#include "client/client.h"
#include "client/room.h"

#include "base/text.h"
#include "base/time.h"
#include "runtime/media/states.h"

#include <string.h>

void chalk_playback_options_init(chalk_playback_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

static void put_event(ck_client_playback *p, const chalk_event *event, const char *text)
{
    chalk_event copy = *event;
    copy.object = p->id;
    ck_events_put(&p->session->events, &copy, text);
}

/* --- from the player: its threads or the loop's ---------------------------------------------- */

static void on_recording(ck_client_playback *p, bool began, int status, int64_t request)
{
    const chalk_event event = {
        .kind = CHALK_EVENT_RECORDING,
        .state = began,
        .cause = status,
        .origin = status < 0 ? CHALK_ORIGIN_SYSTEM : CHALK_ORIGIN_USER,
        .request = (uint64_t)request,
    };
    put_event(p, &event, "");
}

/* Without a connection, nothing comes for the reason that it is lost for. What is told when it is
 * over is what was told when it began. */
static int why_frozen(ck_client_playback *p, bool begins, int status)
{
    int lost_why = atomic_load(&p->lost_why);
    if (begins) {
        p->frozen_why = status == CHALK_ERR_TIMEOUT && lost_why < 0 ? lost_why : status;
    }
    return p->frozen_why;
}

static void on_notice(void *user, enum ck_player_notice what, int status, int64_t value,
                      const char *text)
{
    ck_client_playback *p = user;
    chalk_event event = {.cause = status, .origin = CHALK_ORIGIN_SYSTEM, .value = value};
    switch (what) {
    case CK_PLAYER_MEDIA:
        event.kind = CHALK_EVENT_MEDIA;
        event.origin = CHALK_ORIGIN_PEER;
        break;
    case CK_PLAYER_FIRST_PICTURE:
        event.kind = CHALK_EVENT_FIRST_PICTURE;
        break;
    case CK_PLAYER_FREEZE:
        event.kind = CHALK_EVENT_FREEZE;
        event.state = value == 0;
        event.cause = why_frozen(p, value == 0, status);
        break;
    case CK_PLAYER_ROOM_SOURCE:
        event.kind = CHALK_EVENT_ROOM_SOURCE;
        event.state = (uint32_t)value;
        event.value = status;
        event.cause = CHALK_OK;
        break;
    case CK_PLAYER_DEVICE:
        event.kind = CHALK_EVENT_DEVICE;
        break;
    case CK_PLAYER_RECORD_BEGAN:
    case CK_PLAYER_RECORD_ENDED:
        on_recording(p, what == CK_PLAYER_RECORD_BEGAN, status, value);
        return;
    case CK_PLAYER_BAD_CODEC:
        ck_link_fail(p->link, status, text); /* this notice comes on the loop's thread */
        return;
    }
    put_event(p, &event, text);
}

/* --- from the link: the loop's thread -------------------------------------------------------- */

static void link_tag(void *user, ck_flv_tag *tag)
{
    ck_client_playback *p = user;
    if (p->observer != NULL) {
        ck_observer_tag(p->observer, tag);
    } else {
        ck_player_tag(p->player, tag);
    }
    atomic_store(&p->bytes_received, ck_link_bytes_received(p->link));
}

static void link_packet(void *user, uint32_t media, const ck_packet *packet)
{
    ck_client_playback *p = user;
    if (p->observer != NULL) {
        ck_observer_packet(p->observer, media, packet);
    } else {
        ck_player_packet(p->player, media, packet);
    }
    atomic_store(&p->bytes_received, ck_link_bytes_received(p->link));
}

static void discontinuity(ck_client_playback *p)
{
    if (p->observer != NULL) {
        ck_observer_discontinuity(p->observer);
    } else {
        ck_player_discontinuity(p->player);
    }
}

static void close_media(ck_client_playback *p)
{
    if (p->observer != NULL) {
        ck_observer_close(p->observer);
    } else {
        ck_player_close(p->player);
    }
}

static void link_state(void *user, const ck_session_event *change, const char *text)
{
    ck_client_playback *p = user;
    uint32_t state = ck_state_public(change->to);
    uint32_t before = atomic_exchange(&p->state, state);
    bool closed = state == CHALK_LINK_CLOSED;
    atomic_store(&p->cause, change->cause);
    if (state == CHALK_LINK_CONNECTING || state == CHALK_LINK_WAITING) {
        /* Before the media of the next connection, the first of which come before it is live. */
        discontinuity(p);
    }
    if (state == CHALK_LINK_WAITING || state == CHALK_LINK_LIVE) {
        atomic_store(&p->lost_why, state == CHALK_LINK_LIVE ? CHALK_OK : change->cause);
    }
    if (state == CHALK_LINK_LIVE) {
        atomic_fetch_add(&p->reconnects, p->lives);
        p->lives = true;
    }
    if (closed) {
        close_media(p);
    }
    if (before == state && change->cause >= 0) {
        return; /* connecting and negotiating are one state to the application */
    }
    const chalk_event event = {
        .kind = CHALK_EVENT_PLAYBACK,
        .state = state,
        .cause = change->cause,
        .origin = ck_origin_public(change->origin),
        .value = (int64_t)change->retry_in_us,
        .request = closed ? ck_request_end(&p->request) : 0,
    };
    put_event(p, &event, text);
    if (closed) {
        atomic_store(&p->closed, true); /* last: from now on it may be freed */
    }
}

typedef struct open_call {
    ck_client_playback *playback;
    ck_link_config config;
    int status;
} open_call;

static void open_link(void *arg)
{
    open_call *call = arg;
    ck_client_playback *p = call->playback;
    const ck_link_host host = {
        .state = link_state, .tag = link_tag, .packet = link_packet, .user = p};
    call->status = ck_link_open(p->session->runtime->loop, &call->config, &host, &p->link);
}

static void stop_link(void *arg)
{
    ck_client_playback *p = arg;
    ck_link_stop(p->link, CK_ORIGIN_USER);
}

static void free_link(void *arg)
{
    ck_client_playback *p = arg;
    ck_link_free(&p->link);
}

/* --- the speaker ----------------------------------------------------------------------------- */

/* In the device's callback; the player is there before the speaker opens, and after it closed. */
static void on_pull(void *user, float *out, uint32_t frames, uint32_t delay_us)
{
    const ck_client_playback *p = user;
    (void)ck_player_read(p->player, out, frames, delay_us);
}

static void on_speaker(void *user, int status, const char *text)
{
    on_notice(user, CK_PLAYER_DEVICE, status, 0, text);
}

static void open_speaker(ck_client_playback *p, const char *device)
{
    int status = CHALK_ERR_UNSUPPORTED;
    (void)ck_player_claim_sound(p->player); /* nobody else knows the player yet */
    for (size_t i = 0; ck_this_platform.speakers[i] != NULL && p->speaker == NULL; i++) {
        p->speaker_backend = ck_this_platform.speakers[i];
        status = p->speaker_backend->open(device, on_pull, on_speaker, p, &p->session->runtime->log,
                                          &p->speaker);
    }
    if (status < 0) {
        ck_player_release_sound(p->player);
        on_notice(p, CK_PLAYER_DEVICE, status, 0, "the speaker cannot be opened");
    }
}

/* --- creating and ending --------------------------------------------------------------------- */

static bool is_sane(const chalk_playback_options *o)
{
    ck_player_delays ignored;
    return CK_KNOWN_SIZE(o) &&
           ck_client_delays(o->latency, o->delay_min_ms, o->delay_max_ms, &ignored) &&
           o->url != NULL && o->no_retry <= 1 && o->use_speaker <= 1 && o->muted <= 1 &&
           o->no_decoding <= 1 && (o->no_decoding == 0 || o->use_speaker == 0);
}

static int open_playback(ck_client_playback *p, const chalk_playback_options *options)
{
    chalk_runtime *r = p->session->runtime;
    ck_player_config player = {
        .codecs = &ck_codecs,
        .log = &r->log,
        .muted = options->muted != 0 || atomic_load(&r->interrupted),
        .notice = on_notice,
        .user = p,
    };
    (void)ck_client_delays(options->latency, options->delay_min_ms, options->delay_max_ms,
                           &player.delays); /* they were checked */
    int status = CHALK_OK;
    ck_tls *tls = NULL;
    bool secure = ck_text_starts(options->url, "rtmps:") || ck_text_starts(options->url, "https:");
    if (secure) {
        status = ck_runtime_tls(r, &tls);
    } else if (ck_link_is_hls(options->url)) {
        (void)ck_runtime_tls(r, &tls); /* a playlist may lead to https; if not, all is well */
    }
    if (status == CHALK_OK) {
        status = options->no_decoding != 0 ? ck_observer_create(&player, &p->observer)
                                           : ck_player_create(&player, &p->player);
    }
    if (status < 0) {
        return status;
    }
    p->muted = options->muted != 0;
    ck_client_playback_apply(p);
    if (options->use_speaker != 0) {
        open_speaker(p, options->speaker);
    }
    open_call call = {.playback = p,
                      .config = {
                          .kind = CK_SESSION_PLAY,
                          .url = options->url,
                          .tls = tls,
                          .no_retry = options->no_retry != 0,
                          .give_up_after_us = (uint64_t)options->give_up_ms * CK_US_PER_MS,
                          .faults = p->session->faults,
                          .headers_only = options->no_decoding != 0,
                          .codecs = &ck_codecs,
                          .log = &r->log,
                      }};
    status = ck_loop_call(r->loop, open_link, &call);
    return status < 0 ? status : call.status;
}

int chalk_playback_create(chalk_session *s, const chalk_playback_options *options,
                          chalk_playback_id *out)
{
    if (s == NULL || options == NULL || out == NULL || !is_sane(options)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_link_check_url(options->url, CK_SESSION_PLAY);
    if (status < 0) {
        return status;
    }
    ck_client_enter(s);
    ck_client_playback **place = ck_place_for_playback(s);
    ck_client_playback *p = place != NULL ? ck_new(&ck_heap, sizeof *p) : NULL;
    if (p == NULL) {
        status = place == NULL && ck_client_own_playing(s) ? CHALK_ERR_LIMIT : CHALK_ERR_NO_MEMORY;
    } else {
        p->id = ++s->last_id;
        p->session = s;
        atomic_init(&p->state, CHALK_LINK_CONNECTING);
        *out = p->id;
        *place = p;
        status = open_playback(p, options);
        if (status < 0) {
            ck_client_playback_free(place);
        }
    }
    ck_client_leave(s);
    return status;
}

void ck_client_playback_stop(ck_client_playback *p)
{
    if (!p->stopping && !atomic_load(&p->closed)) {
        p->stopping = true;
        (void)ck_loop_call(p->session->runtime->loop, stop_link, p); /* else all ends anyway */
    }
}

void ck_client_playback_free(ck_client_playback **place)
{
    ck_client_playback *p = *place;
    if (p == NULL) {
        return;
    }
    ck_client_room_forget(p->session->room, p->id);
    (void)ck_loop_call(p->session->runtime->loop, free_link, p); /* no loop: no link any more */
    if (p->speaker != NULL) {
        p->speaker_backend->close(&p->speaker);
    }
    if (p->player != NULL) {
        ck_player_stop(p->player);
    }
    ck_player_unref(&p->player);
    ck_observer_destroy(&p->observer);
    ck_free(&ck_heap, p);
    *place = NULL;
}

void ck_client_playback_apply(ck_client_playback *p)
{
    chalk_runtime *r = p->session->runtime;
    if (p->player == NULL) {
        return; /* nobody hears or sees what is not decoded */
    }
    ck_player_mute(p->player, p->muted || atomic_load(&r->interrupted));
    ck_player_background(p->player, atomic_load(&r->background));
}

int chalk_playback_remove(chalk_session *s, chalk_playback_id id, chalk_request_id *request)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_playback **place = ck_find_playback(s, id);
    int status = place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
    if (status == CHALK_OK && !ck_runtime_reaches_loop(s->runtime)) {
        status = CHALK_ERR_WRONG_THREAD;
    }
    if (status == CHALK_OK) {
        status = ck_request_make(s, &(*place)->request, request);
    }
    if (status == CHALK_OK) {
        ck_client_playback_stop(*place);
    }
    ck_client_leave(s);
    return status;
}

int chalk_playback_mute(chalk_session *s, chalk_playback_id id, int muted)
{
    if (s == NULL || (muted != 0 && muted != 1)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_playback **place = ck_find_playback(s, id);
    if (place != NULL) {
        (*place)->muted = muted != 0;
        ck_client_playback_apply(*place);
        ck_client_room_heard(s->room);
    }
    ck_client_leave(s);
    return place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}
