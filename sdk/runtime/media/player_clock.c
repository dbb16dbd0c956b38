/* What time it is on the stream's line, how late that is, and whether it stands still. With the
 * lock held, all of it. */
#include "runtime/media/player_inside.h"

#include "base/check.h"

#define GONE_US    500000 /* no sound came for so long: the pictures' arrivals are the clock */
#define TRIES      4      /* to read a report while another is written */
#define LIMITS_US  500000 /* between two looks at what the pictures need and the device takes */
#define LIMITS_MS  5      /* less of a change is none */
#define NETWORK_MS 20     /* are left to the network, whatever the device takes */

/* --- position -------------------------------------------------------------------------------- */

/* False: nothing was heard on this line yet. */
static bool use_heard(ck_player *p)
{
    for (int i = 0; i < TRIES && !p->flush_audio; i++) { /* until then the ring has old sound */
        unsigned before = atomic_load(&p->heard.turn);
        int64_t pts_us = atomic_load(&p->heard.pts_us);
        int64_t end_us = atomic_load(&p->heard.end_us);
        uint64_t at_us = atomic_load(&p->heard.at_us);
        bool stands = atomic_load(&p->heard.stands);
        bool current = atomic_load(&p->heard.line) == atomic_load(&p->sound_line);
        if (before % 2 != 0 || before != atomic_load(&p->heard.turn)) {
            continue;
        }
        if (at_us != 0 && current && stands) {
            ck_avsync_stands(&p->avsync, pts_us);
        } else if (at_us != 0 && current) {
            ck_avsync_heard(&p->avsync, pts_us - (end_us - (int64_t)at_us), at_us);
        }
        return at_us != 0 && current;
    }
    return true;
}

/* False: there is none, or pictures have gone on without it for a while. */
static bool sound_leads(const ck_player *p)
{
    bool alone = p->alone_us > p->last_sound_us && p->last_picture_us - p->alone_us >= GONE_US;
    return p->last_sound_us != 0 && !alone;
}

/* There is sound, and who claimed it does not take it: a call has interrupted the application, or
 * it shows pictures alone for a while. */
static bool nobody_reads(const ck_player *p, uint64_t now_us)
{
    uint64_t read_us = atomic_load(&p->read_at_us);
    return p->has_reader && ck_sound_ring_level(&p->ring) > 0 &&
           now_us - CK_MIN(read_us, now_us) > GONE_US;
}

/* What lies between the jitter buffer and the ear. */
static uint32_t device_us(ck_player *p, uint64_t now_us)
{
    return ck_lead_us(&p->lead, now_us) + (uint32_t)atomic_load(&p->heard.late_us);
}

/* Pictures that take longer than sound hold the sound back, or they would always be late. */
static uint32_t picture_floor_ms(ck_player *p, uint64_t now_us)
{
    int64_t sound_us;
    if (!ck_delay_known(&p->arrivals) || !ck_jitter_transit(p->jitter, &sound_us)) {
        return p->floor_ms;
    }
    uint32_t target_ms = ck_jitter_get_stats(p->jitter).target_delay_ms;
    int64_t base_us = sound_us - (int64_t)target_ms * CK_US_PER_MS + device_us(p, now_us);
    int64_t need_us = ck_delay_target(&p->arrivals) + p->decode_mean_us - base_us;
    return (uint32_t)CK_CLAMP(need_us / CK_US_PER_MS, 0, (int64_t)p->delays.max_ms);
}

static bool differs(uint32_t a_ms, uint32_t b_ms)
{
    return CK_MAX(a_ms, b_ms) - CK_MIN(a_ms, b_ms) >= LIMITS_MS;
}

static void follow_limits(ck_player *p, uint64_t now_us)
{
    if (now_us - p->limits_at_us < LIMITS_US) {
        return;
    }
    p->limits_at_us = now_us;
    uint32_t floor_ms = picture_floor_ms(p, now_us);
    if (differs(floor_ms, p->floor_ms) ||
        differs(device_us(p, now_us) / CK_US_PER_MS, p->behind_ms)) {
        p->floor_ms = floor_ms;
        ck_player_apply_delays(p, now_us);
    }
}

/* Sound that leads is the clock once it is heard, and if it runs out time stands: what comes then
 * goes on from there. Before it is heard, and while nobody takes it, pictures keep to where it
 * would be. */
void ck_player_follow(ck_player *p, uint64_t now_us)
{
    int64_t transit_us;
    bool heard = !nobody_reads(p, now_us) && use_heard(p);
    bool leads = sound_leads(p);
    if (leads && !heard && ck_jitter_transit(p->jitter, &transit_us)) {
        ck_avsync_free(&p->avsync, transit_us + device_us(p, now_us), now_us);
    } else if (!leads && ck_delay_known(&p->arrivals)) {
        ck_avsync_free(&p->avsync, ck_delay_target(&p->arrivals), now_us);
    }
    follow_limits(p, now_us);
}

bool ck_player_position(ck_player *p, uint64_t now_us, int64_t *pts_us)
{
    ck_player_follow(p, now_us);
    return ck_avsync_position(&p->avsync, now_us, pts_us);
}

/* --- delay ----------------------------------------------------------------------------------- */

void ck_player_apply_delays(ck_player *p, uint64_t now_us)
{
    uint32_t behind_ms = device_us(p, now_us) / CK_US_PER_MS;
    uint32_t left_ms = p->delays.max_ms - CK_MIN(p->delays.max_ms, behind_ms);
    uint32_t most_ms = CK_MAX(left_ms, NETWORK_MS);
    uint32_t least_ms = p->delays.min_ms - CK_MIN(p->delays.min_ms, behind_ms);
    p->behind_ms = behind_ms;
    ck_jitter_set_delays(p->jitter, CK_CLAMP(p->floor_ms, least_ms, most_ms), most_ms, now_us);
    const ck_delay_config pictures = {
        .late_ppm = p->delays.picture_late_ppm,
        .min_us = p->delays.min_ms * CK_US_PER_MS,
        .max_us = p->delays.max_ms * CK_US_PER_MS,
        .outage_us = CK_US_PER_S,
    };
    ck_delay_set(&p->arrivals, &pictures, now_us);
}

void ck_player_tell_delay(ck_player *p, uint64_t now_us, ck_player_stats *stats)
{
    int64_t ignored;
    if (ck_jitter_transit(p->jitter, &ignored) && sound_leads(p)) {
        uint32_t behind_ms = device_us(p, now_us) / CK_US_PER_MS;
        bool played = stats->jitter.jitter_buffer_emitted_count > 0;
        stats->target_delay_ms = stats->jitter.target_delay_ms + behind_ms;
        stats->delay_ms = played ? stats->jitter.delay_ms + behind_ms : stats->target_delay_ms;
        return;
    }
    int64_t need_us = ck_delay_target(&p->arrivals) - ck_delay_base(&p->arrivals);
    bool known = ck_delay_known(&p->arrivals);
    stats->target_delay_ms = known ? (uint32_t)(need_us / CK_US_PER_MS) : p->delays.min_ms;
    stats->delay_ms = stats->target_delay_ms;
}

/* --- standstills ----------------------------------------------------------------------------- */

bool ck_player_has_sound(const ck_player *p)
{
    return ck_jitter_get_stats(p->jitter).buffered > 0 || ck_sound_ring_level(&p->ring) > 0;
}

void ck_player_decoded(ck_player *p, enum ck_line_medium medium, int status, uint64_t now_us)
{
    p->stats.decode_errors += status < 0;
    if (status >= 0) {
        p->broken_us[medium] = 0;
    } else if (p->broken_us[medium] == 0) {
        p->broken_us[medium] = now_us;
    }
}

static bool broken_for(const ck_player *p, enum ck_line_medium medium, uint64_t us, uint64_t now_us)
{
    uint64_t since_us = p->broken_us[medium];
    return since_us != 0 && now_us - CK_MIN(since_us, now_us) > us;
}

/* Sound that ran out stands still unless pictures go on without it; from then on the stream has no
 * sound. There, what stands still is a stream of which nothing comes. CHALK_OK: it does not. */
static int is_frozen(ck_player *p, uint64_t now_us)
{
    uint64_t last_us = CK_MAX(p->last_sound_us, p->last_picture_us);
    bool pictures =
        p->last_picture_us != 0 && now_us - CK_MIN(p->last_picture_us, now_us) < GONE_US;
    uint64_t heard_us = atomic_load(&p->heard.at_us);
    if (p->closed || last_us == 0) {
        bool refused =
            p->refused_us != 0 && now_us - CK_MIN(p->refused_us, now_us) > CK_PLAYER_FREEZE_US;
        return refused && !p->closed ? p->refused_why : CHALK_OK;
    }
    if (broken_for(p, CK_LINE_SOUND, GONE_US, now_us) ||
        (!sound_leads(p) && broken_for(p, CK_LINE_PICTURE, CK_PLAYER_FREEZE_US, now_us))) {
        return CHALK_ERR_CODEC;
    }
    if (p->ran_out && pictures && now_us - CK_MIN(heard_us, now_us) > GONE_US) {
        p->ran_out = false;
    }
    bool nothing = !ck_player_has_sound(p) && p->video_queue.count == 0 &&
                   now_us - CK_MIN(last_us, now_us) > CK_PLAYER_FREEZE_US;
    return p->ran_out || nothing ? CHALK_ERR_TIMEOUT : CHALK_OK;
}

int64_t ck_player_watch(ck_player *p, uint64_t now_us)
{
    int why = is_frozen(p, now_us);
    if (why < 0 && p->frozen_since_us == 0) {
        p->frozen_since_us = now_us;
        p->frozen_why = why;
        p->stats.freezes++;
        return 0;
    }
    if (why == CHALK_OK && p->frozen_since_us != 0) {
        int64_t lasted = (int64_t)(now_us - p->frozen_since_us);
        p->stats.freeze_us += (uint64_t)lasted;
        p->frozen_since_us = 0;
        return CK_MAX(lasted, 1);
    }
    return -1;
}
