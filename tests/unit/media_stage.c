#include "media_stage.h"

#include "base/check.h"
#include "support/check.h"

#include <stdlib.h>

#define TURN_US     2000
#define TURN_MAX_US 20000 /* more than that it was kept from running */

static void on_notice(void *user, enum ck_player_notice what, int status, int64_t value,
                      const char *text)
{
    stage *s = user;
    switch (what) {
    case CK_PLAYER_MEDIA:
        s->media++;
        break;
    case CK_PLAYER_FIRST_PICTURE:
        s->first_picture++;
        break;
    case CK_PLAYER_FREEZE:
        s->freezes += value == 0;
        s->thaws += value > 0;
        s->freeze_us += value;
        s->freeze_why = status;
        break;
    case CK_PLAYER_BAD_CODEC:
        s->bad_codec++;
        CK_CHECK_EQ(status, CHALK_ERR_CODEC_UNKNOWN);
        strncpy(s->text, text, sizeof s->text - 1);
        break;
    case CK_PLAYER_RECORD_ENDED:
        s->record_ended++;
        break;
    default:
        break;
    }
}

void stage_open(stage *s, uint32_t delay_ms)
{
    memset(s, 0, sizeof *s);
    skew_log_init(&s->log);
    ck_rng_seed(&s->rng, 1);
    const ck_player_config config = {
        .codecs = &ck_codecs,
        .delays = {.late_ppm = 5000,
                   .picture_late_ppm = 50000,
                   .start_ms = 20,
                   .min_ms = delay_ms,
                   .max_ms = CK_MAX(delay_ms, 2000)},
        .notice = on_notice,
        .user = s,
    };
    ck_calm_watch();
    CK_CHECK_EQ(ck_player_create(&config, &s->player), CHALK_OK);
    CK_CHECK(ck_player_claim_sound(s->player));
    s->take = true;
    s->read = true;
    s->read_next_us = ck_clock_us();
}

void stage_close(stage *s)
{
    for (; s->event_next < s->event_count; s->event_next++) {
        ck_slice_unref(&s->events[s->event_next].tag.body);
    }
    ck_player_stop(s->player);
    chalk_video_frame *frame = NULL;
    float sound[SKEW_READ * CHALK_PLAYBACK_CHANNELS];
    CK_CHECK_EQ(ck_player_take(s->player, &frame), CHALK_ERR_END);
    CK_CHECK_EQ(ck_player_read(s->player, sound, SKEW_READ, 0), 0);
    ck_player_release_sound(s->player);
    ck_player_unref(&s->player);
}

void stage_send(stage *s, uint64_t at_us, const ck_packet *packet, int64_t shift_us)
{
    CK_CHECK(s->event_count < STAGE_EVENTS);
    uint64_t before = s->event_count > 0 ? s->events[s->event_count - 1].at_us : 0;
    s->events[s->event_count++] =
        (stage_event){CK_MAX(at_us, before), material_tag(packet, shift_us)};
}

void stage_play(stage *s, const material *m, uint64_t origin_us, int64_t from_us, int64_t to_us,
                int64_t shift_us, uint64_t jitter_us)
{
    stage_send(s, origin_us + (uint64_t)from_us, &m->video_config, 0);
    stage_send(s, origin_us + (uint64_t)from_us, &m->audio_config, 0);
    size_t v = 0, a = 0;
    while (v < m->video_count || a < m->audio_count) {
        bool video =
            v < m->video_count && (a == m->audio_count || m->video[v].dts_us <= m->audio[a].dts_us);
        const ck_packet *packet = video ? &m->video[v++] : &m->audio[a++];
        if (packet->dts_us >= from_us && packet->dts_us < to_us) {
            uint64_t late = ck_rng_below(&s->rng, jitter_us + 1);
            stage_send(s, origin_us + (uint64_t)packet->dts_us + late, packet, shift_us);
        }
    }
}

static void deliver(stage *s, uint64_t now_us)
{
    while (s->event_next < s->event_count && s->events[s->event_next].at_us <= now_us) {
        ck_player_tag(s->player, &s->events[s->event_next++].tag);
    }
}

static void look(stage *s, uint64_t now_us)
{
    chalk_video_frame *frame = NULL;
    while (ck_player_take(s->player, &frame) == CHALK_OK) {
        CK_CHECK(s->seen_count < STAGE_EVENTS);
        stage_seen *seen = &s->seen[s->seen_count++];
        *seen = (stage_seen){
            .at_us = now_us,
            .number = UINT64_MAX,
            .pts_us = frame->info.pts_us,
            .width = frame->info.width,
            .told_room_us = stage_stats(s).room_time_us,
        };
        skew_log_see(&s->log, material_flash(frame), now_us);
        if (!material_read(frame, &seen->number, &seen->room_us)) {
            seen->number = UINT64_MAX;
        }
        chalk_video_frame_unref(&frame);
    }
}

static void listen(stage *s, uint64_t now_us)
{
    float out[SKEW_READ * CHALK_PLAYBACK_CHANNELS];
    while (s->read_next_us <= now_us) {
        if (now_us - s->read_next_us > STAGE_DEVICE_US) {
            s->read_next_us = now_us; /* this program was away, and the device ran dry */
        }
        uint64_t heard_us = s->read_next_us + STAGE_DEVICE_US;
        (void)ck_player_read(s->player, out, SKEW_READ, (uint32_t)(heard_us - now_us));
        skew_log_hear(&s->log, out, heard_us);
        s->read_next_us += 10000;
    }
}

static void note_away(stage *s, uint64_t gap_us)
{
    ck_calm_note(gap_us - CK_MIN(gap_us, TURN_US)); /* what was to be delivered came that late */
    if (gap_us > TURN_MAX_US) {
        s->away_us += gap_us;
    }
}

void stage_run(stage *s, uint64_t until_us)
{
    uint64_t before_us = ck_clock_us();
    for (uint64_t now_us = before_us; now_us < until_us; now_us = ck_clock_us()) {
        note_away(s, now_us - before_us);
        before_us = now_us;
        deliver(s, now_us);
        if (s->take) {
            look(s, now_us);
        }
        if (s->read) {
            listen(s, now_us);
        } else {
            s->read_next_us = now_us;
        }
        media_sleep_until(now_us + TURN_US);
    }
    note_away(s, ck_clock_us() - before_us);
}

ck_player_stats stage_stats(stage *s)
{
    ck_player_stats stats;
    ck_player_get_stats(s->player, &stats);
    return stats;
}

void stage_check_order(const stage *s, size_t first, size_t least)
{
    size_t seen = s->seen_count - CK_MIN(first, s->seen_count);
    size_t missed = s->away_us / MATERIAL_PICTURE_US + (s->away_us > 0);
    CK_CALM_ROW(seen, seen + missed >= least, seen + missed >= least / 2);
    for (size_t i = first; i < s->seen_count; i++) {
        CK_CHECK_ROW(i, s->seen[i].number != UINT64_MAX);
        CK_CHECK_ROW(i, i == first || s->seen[i].number > s->seen[i - 1].number);
        CK_CHECK_ROW(i, i == first || s->seen[i].pts_us > s->seen[i - 1].pts_us);
    }
}

void stage_check_skew(const stage *s, size_t clicks)
{
    uint64_t worst_us;
    size_t compared = skew_log_compare(&s->log, &worst_us);
    CK_CALM_ROW(compared, compared >= clicks, compared >= clicks / 2);
    CK_CALM_ROW(worst_us, worst_us <= SKEW_MAX_US,
                worst_us <= SKEW_MAX_US + 3 * ck_calm_worst_us());
}
