/* How late a playback plays: profiles and limits. */
#include "client/client.h"

#include "base/check.h"

#define LEAST_MOST_MS 5000
#define MOST_LEAST_MS 20
#define MOST_MOST_MS  10000

/* A picture that comes late by less than a glance is shown all the same, so of a stream without
 * sound more may come late. */
static const ck_player_delays profiles[] = {
    [CHALK_LATENCY_LOW] = {20000, 200000, 20, 0, 500},
    [CHALK_LATENCY_BALANCED] = {5000, 50000, 20, 0, 2000},
    [CHALK_LATENCY_SMOOTH] = {1000, 5000, 300, 300, 5000},
};

bool ck_client_delays(uint32_t latency, uint32_t min_ms, uint32_t max_ms, ck_player_delays *out)
{
    uint32_t profile = latency != 0 ? latency : CHALK_LATENCY_BALANCED;
    bool sane = profile < CK_COUNT_OF(profiles) && min_ms <= LEAST_MOST_MS &&
                (max_ms == 0 || (max_ms >= MOST_LEAST_MS && max_ms <= MOST_MOST_MS)) &&
                (max_ms == 0 || min_ms <= max_ms);
    if (!sane) {
        return false;
    }
    *out = profiles[profile];
    out->max_ms = max_ms != 0 ? max_ms : CK_MAX(out->max_ms, min_ms);
    out->min_ms = min_ms != 0 ? min_ms : CK_MIN(out->min_ms, out->max_ms);
    out->start_ms = CK_MIN(out->start_ms, out->max_ms);
    return true;
}

int chalk_playback_set_latency(chalk_session *s, chalk_playback_id id, uint32_t latency,
                               uint32_t delay_min_ms, uint32_t delay_max_ms)
{
    ck_player_delays delays;
    if (s == NULL || !ck_client_delays(latency, delay_min_ms, delay_max_ms, &delays)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_enter(s);
    ck_client_playback **place = ck_find_playback(s, id);
    if (place != NULL) {
        if ((*place)->observer != NULL) {
            ck_observer_set_delays((*place)->observer, &delays);
        } else {
            ck_player_set_delays((*place)->player, &delays);
        }
    }
    ck_client_leave(s);
    return place != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}
