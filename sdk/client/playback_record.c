/* Recording what is played. */
#include "client/client.h"

static void ask_key_frame(void *playback)
{
    ck_client_playback *p = playback;
    if (p->link != NULL) {
        (void)ck_link_ask_key_frame(p->link); /* otherwise it begins when one comes by itself */
    }
}

int chalk_playback_record(chalk_session *s, chalk_playback_id id, const char *path)
{
    if (s == NULL || path == NULL || path[0] == '\0') {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = CHALK_ERR_NOT_FOUND;
    ck_client_enter(s);
    ck_client_playback **place = ck_find_playback(s, id);
    if (place != NULL) {
        ck_player *player = (*place)->player;
        status = player != NULL ? ck_player_record(player, path) : CHALK_ERR_UNSUPPORTED;
    }
    if (status == CHALK_OK) {
        (void)ck_loop_call(s->runtime->loop, ask_key_frame, *place);
    }
    ck_client_leave(s);
    return status;
}

int chalk_playback_record_stop(chalk_session *s, chalk_playback_id id, chalk_request_id *request)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_playback **place = ck_find_playback(s, id);
    int status = place == NULL                                       ? CHALK_ERR_NOT_FOUND
                 : (*place)->player == NULL                          ? CHALK_ERR_BAD_STATE
                 : request != NULL && !ck_events_reserve(&s->events) ? CHALK_ERR_LIMIT
                                                                     : CHALK_OK;
    if (status == CHALK_OK) {
        uint64_t made = request != NULL ? ++s->last_id : 0;
        status = ck_player_record_stop((*place)->player, made);
        if (request != NULL && status == CHALK_OK) {
            *request = made;
        } else if (request != NULL) {
            ck_events_release(&s->events);
        }
    }
    ck_client_leave(s);
    return status;
}
