#include "board/window_inside.h"

#include "class/screen.h"
#include "cli/options.h"
#include "cli/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_US 15000 /* between two pictures */
#define INPUT_US 10000
#define TURN_MS  200 /* a signal waits no longer */
#define LEAVE_US 3000000

/* --- what the library has to say ------------------------------------------------------------- */

/* Any thread. One event in SDL's queue is enough. */
static void wake(void *user)
{
    board_window *w = user;
    if (!atomic_exchange(&w->woken, true)) {
        SDL_Event event = {.type = w->wake_event};
        if (SDL_PushEvent(&event) < 0) {
            atomic_store(&w->woken, false); /* the next turn looks anyway */
        }
    }
}

static void tell_state(board_window *w, const chalk_event *event)
{
    w->live = event->state == CHALK_LINK_LIVE;
    w->ended = event->state == CHALK_LINK_CLOSED;
    if (w->live) {
        board_view_renew(w->view);
    } else if (w->ended && event->cause < 0) {
        board_view_say(w->view, "The room has ended: %s.", chalk_error_text(event->cause));
    }
    if (w->ended && !w->quits && event->cause < 0) {
        w->code = cli_fail_status(w->report, event->cause, "the room has ended");
    }
    w->dirty = true;
}

static void take_events(board_window *w)
{
    chalk_event event;
    chalk_room_event happened;
    atomic_store(&w->woken, false);
    while (chalk_session_next_event(w->session.session, &event) == CHALK_OK) {
        cli_event(w->report, event.kind == CHALK_EVENT_ROOM ? "room" : NULL, &event);
        if (event.kind == CHALK_EVENT_ROOM) {
            tell_state(w, &event);
        }
    }
    while (chalk_room_next_event(w->session.session, &happened) == CHALK_OK) {
        board_view_event(w->view, &happened);
        w->dirty = w->dirty || happened.kind != CHALK_ROOM_EVENT_SHOWN;
    }
    if (w->ended && w->reopens) {
        window_reopen(w);
    }
}

/* --- the loop -------------------------------------------------------------------------------- */

static uint64_t now(const board_window *w)
{
    return chalk_runtime_now_us(w->session.runtime);
}

static int wait_of(board_window *w)
{
    uint64_t now_us = now(w), due_us = window_due(w, now_us);
    uint64_t earliest_us = w->painted_us + FRAME_US;
    due_us = due_us > earliest_us ? due_us : earliest_us;
    uint64_t wait_ms = due_us > now_us ? (due_us - now_us + 999) / 1000 : 0;
    return (int)(wait_ms < TURN_MS ? wait_ms : TURN_MS);
}

/* All that has come; on a machine that is slow to paint, so much between two pictures that no input
 * waits behind others. */
static void take_input(board_window *w)
{
    SDL_Event event;
    bool any = SDL_WaitEventTimeout(&event, wait_of(w)) != 0;
    uint64_t until_us = now(w) + INPUT_US;
    while (any) {
        window_event(w, &event);
        any = now(w) < until_us && SDL_PollEvent(&event) != 0;
    }
}

static void on_signal(board_window *w)
{
    (void)board_view_do(w->view, COMMAND_ESCAPE, false); /* text that is typed is drawn */
    if (!window_is_saved(w) && w->path[0] != '\0') {
        window_save(w, false);
    } else if (!window_is_saved(w)) {
        cli_warn(w->report, "what was drawn is not saved: it had no file");
        w->code = CLI_FAILED;
    }
    w->quits = true;
}

static void run(board_window *w)
{
    while (!w->quits) {
        take_input(w);
        take_events(w);
        window_text_input(w);
        window_cursor(w);
        if (cli_interrupted()) {
            on_signal(w);
        }
        uint64_t now_us = now(w);
        if (window_due(w, now_us) <= now_us && now_us - w->painted_us >= FRAME_US) {
            window_paint(w, now_us);
        }
    }
}

/* What is pending is waited for by the library. */
static void leave(board_window *w)
{
    uint64_t until_us = now(w) + LEAVE_US;
    (void)chalk_room_leave(w->session.session, NULL); /* it may have ended */
    while (!w->ended && now(w) < until_us) {
        take_events(w);
        SDL_Delay(10);
    }
}

int board_window_run(const board_options *options, cli_report *report)
{
    char why[160];
    board_window *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return cli_fail_status(report, CHALK_ERR_NO_MEMORY, "cannot open the window");
    }
    w->options = options;
    w->report = report;
    int code = CLI_FAILED;
    if (!screen_open(false, why, sizeof why)) {
        free(w);
        return cli_fail(report, "there is no display for a window: %s", why);
    }
    w->wake_event = SDL_RegisterEvents(1);
    if (cli_session_open_woken(&w->session, report, wake, w) == CHALK_OK && window_begin(w) &&
        window_open(w)) {
        run(w);
        leave(w);
        code = w->code;
    }
    window_close(w);
    cli_session_close(&w->session);
    screen_close();
    free(w);
    return code;
}
