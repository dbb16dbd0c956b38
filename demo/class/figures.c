#include "class/figures.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

void figures_start(figures *f)
{
    uint64_t now_us = cli_now_us();
    *f = (figures){.at_us = now_us, .before_us = now_us};
    cli_meter_start(&f->meter);
}

bool figures_read(figures *f, chalk_session *session, chalk_playback_id playback)
{
    chalk_playback_stats stats = {.struct_size = sizeof stats};
    if (chalk_playback_get_stats(session, playback, &stats) != CHALK_OK) {
        return false;
    }
    f->now = stats;
    f->at_us = cli_now_us();
    return true;
}

bool figures_update(figures *f, chalk_session *session, chalk_playback_id playback)
{
    if (!figures_read(f, session, playback)) {
        return false;
    }
    double seconds = (double)(f->at_us - f->before_us) / 1e6;
    if (seconds > 0) {
        f->fps = (double)(f->now.frames_shown - f->before.frames_shown) / seconds;
        f->kbps = (double)(f->now.bytes_received - f->before.bytes_received) * 8 / 1000 / seconds;
    }
    f->cpu_percent = cli_meter_percent(&f->meter);
    f->before = f->now;
    f->before_us = f->at_us;
    return true;
}

bool figures_played(const figures *f)
{
    return f->now.frames_shown > 0 || f->now.samples_played > f->now.samples_concealed;
}

void figures_line(const figures *f, char *out, size_t size)
{
    const chalk_playback_stats *s = &f->now;
    snprintf(out, size,
             "%-10s %4" PRIu32 "x%-4" PRIu32 " %5.1f fps %7.0f kbit/s  delay %4" PRIu32
             " ms (aim %" PRIu32 ")  skew %+6.1f ms  freezes %" PRIu64
             "  made up %.0f ms  CPU %4.1f %%",
             chalk_link_state_name(s->state), s->width, s->height, f->fps, f->kbps, s->delay_ms,
             s->target_delay_ms, s->skew_us / 1000.0, s->freezes,
             (double)s->concealed_samples * 1000 / CHALK_SAMPLE_RATE, f->cpu_percent);
}

void figures_overlay(const figures *f, const char *state, char *out, size_t size)
{
    const chalk_playback_stats *s = &f->now;
    snprintf(out, size,
             "%s\n%" PRIu32 " x %" PRIu32 "   %.1f fps\n%.0f kbit/s\ndelay %" PRIu32
             " ms   skew %+.1f ms\nfreezes %" PRIu64 " (%.1f s)   dropped %" PRIu64
             "\nreconnects %" PRIu32 "   CPU %.1f %%",
             state, s->width, s->height, f->fps, f->kbps, s->delay_ms, s->skew_us / 1000.0,
             s->freezes, (double)s->freeze_us / 1e6, s->frames_dropped, s->reconnects,
             f->cpu_percent);
}

void figures_json_number(cJSON *object, const char *name, double value)
{
    cJSON_AddNumberToObject(object, name, round(value * 1000) / 1000);
}

void figures_json(const figures *f, cJSON *object)
{
    const chalk_playback_stats *s = &f->now;
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"width", s->width},
        {"height", s->height},
        {"fps", f->fps},
        {"kbps", f->kbps},
        {"delay_ms", s->delay_ms},
        {"target_delay_ms", s->target_delay_ms},
        {"skew_ms", s->skew_us / 1000.0},
        {"cpu_percent", f->cpu_percent},
        {"reconnects", s->reconnects},
        {"bytes_received", (double)s->bytes_received},
        {"frames_received", (double)s->frames_received},
        {"frames_decoded", (double)s->frames_decoded},
        {"frames_shown", (double)s->frames_shown},
        {"frames_dropped", (double)s->frames_dropped},
        {"decode_errors", (double)s->decode_errors},
        {"samples_played", (double)s->samples_played},
        {"samples_concealed", (double)s->samples_concealed},
        {"freezes", (double)s->freezes},
        {"freeze_ms", (double)s->freeze_us / 1000},
        {"freeze_count", (double)s->freeze_count},
        {"total_freezes_ms", (double)s->total_freezes_us / 1000},
        {"total_inter_frame_delay_ms", (double)s->total_inter_frame_delay_us / 1000},
        {"packets_received", (double)s->packets_received},
        {"total_samples_received", (double)s->total_samples_received},
        {"concealed_samples", (double)s->concealed_samples},
        {"silent_concealed_samples", (double)s->silent_concealed_samples},
        {"concealment_events", (double)s->concealment_events},
        {"inserted_samples_for_deceleration", (double)s->inserted_samples_for_deceleration},
        {"removed_samples_for_acceleration", (double)s->removed_samples_for_acceleration},
        {"jitter_buffer_emitted_count", (double)s->jitter_buffer_emitted_count},
        {"jitter_buffer_delay_us", (double)s->jitter_buffer_delay_us},
        {"jitter_buffer_target_delay_us", (double)s->jitter_buffer_target_delay_us},
        {"skipped_ms", (double)s->skipped_us / 1000},
        {"first_picture_ms", (double)s->first_picture_us / 1000},
        {"room_time_ms", (double)s->room_time_us / 1000},
    };
    cJSON_AddStringToObject(object, "state", chalk_link_state_name(s->state));
    cJSON_AddStringToObject(object, "room_source", chalk_room_source_name(s->room_source));
    cJSON_AddStringToObject(object, "cause", chalk_error_name(s->cause));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        figures_json_number(object, numbers[i].name, numbers[i].value);
    }
}
