/* What is told once a second and at the end. */
#include "publish/publish.h"

#include "chalkrail/publication.h"
#include "cli/url.h"

/* The figures now; those of an object that is gone already stay what they were. */
void publish_read_figures(publish_run *run)
{
    publish_figures *f = &run->figures;
    chalk_output_stats output = {.struct_size = sizeof output};
    chalk_encoding_stats video = {.struct_size = sizeof video};
    chalk_encoding_stats audio = video;
    f->at_us = cli_now_us();
    if (chalk_output_get_stats(run->s.session, run->server, &output) == CHALK_OK) {
        f->output = output;
    }
    if (chalk_encoding_get_stats(run->s.session, run->video, &video) == CHALK_OK) {
        f->video = video;
    }
    if (chalk_encoding_get_stats(run->s.session, run->audio, &audio) == CHALK_OK) {
        f->audio = audio;
    }
}

/* Between two readings. */
typedef struct rates {
    double seconds; /* between them */
    double fps;
    double kbps;
    double cpu_percent;
    uint64_t dropped; /* on the way to the encoder and on the way to the server, in all */
} rates;

static rates rates_of(const publish_figures *before, const publish_figures *now, cli_meter *meter)
{
    double seconds = (double)(now->at_us - before->at_us) / 1e6;
    seconds = seconds > 0.001 ? seconds : 0.001;
    uint64_t frames = now->video.frames_encoded - before->video.frames_encoded;
    uint64_t bytes = now->output.bytes_sent - before->output.bytes_sent;
    return (rates){
        .seconds = seconds,
        .fps = (double)frames / seconds,
        .kbps = (double)bytes * 8 / 1000 / seconds,
        .cpu_percent = cli_meter_percent(meter),
        .dropped = now->output.frames_dropped + now->video.frames_dropped,
    };
}

static void add_rates(cJSON *line, const rates *r)
{
    cJSON_AddNumberToObject(line, "interval_s", r->seconds);
    cJSON_AddNumberToObject(line, "fps", cli_tenths(r->fps));
    cJSON_AddNumberToObject(line, "kbps", cli_tenths(r->kbps));
    cJSON_AddNumberToObject(line, "cpu_percent", cli_tenths(r->cpu_percent));
    cJSON_AddNumberToObject(line, "dropped", (double)r->dropped);
}

static void add_figures(cJSON *line, const publish_figures *f)
{
    cJSON_AddNumberToObject(line, "queue_ms", f->output.queue_ms);
    cJSON_AddNumberToObject(line, "frames_sent", (double)f->output.frames_sent);
    cJSON_AddNumberToObject(line, "frames_dropped", (double)f->output.frames_dropped);
    cJSON_AddNumberToObject(line, "bytes_sent", (double)f->output.bytes_sent);
    cJSON_AddNumberToObject(line, "reconnects", f->output.reconnects);
    cJSON_AddNumberToObject(line, "frames_captured", (double)f->video.frames_captured);
    cJSON_AddNumberToObject(line, "frames_skipped", (double)f->video.frames_dropped);
    cJSON_AddNumberToObject(line, "frames_encoded", (double)f->video.frames_encoded);
    cJSON_AddNumberToObject(line, "key_frames_encoded", (double)f->video.key_frames_encoded);
    cJSON_AddNumberToObject(line, "sound_frames_encoded", (double)f->audio.frames_encoded);
    cJSON_AddNumberToObject(line, "encode_us", (double)f->video.encode_us);
    cJSON_AddNumberToObject(line, "width", f->video.width);
    cJSON_AddNumberToObject(line, "height", f->video.height);
    cJSON_AddNumberToObject(line, "bitrate_kbps", f->video.bitrate_kbps);
    cJSON_AddStringToObject(line, "encoder", f->video.encoder);
}

static void tell_second(publish_run *run, const rates *r)
{
    const publish_figures *f = &run->figures;
    unsigned seconds = (unsigned)((f->at_us - run->whole.wall_us) / 1000000);
    const char *state = chalk_link_state_name(f->output.state);
    cli_live(run->report,
             "%s %u:%02u  %.1f fps  %.0f kbit/s  queue %u ms  dropped %llu  CPU %.0f %%", state,
             seconds / 60, seconds % 60, r->fps, r->kbps, f->output.queue_ms,
             (unsigned long long)r->dropped, r->cpu_percent);
    if (!run->report->json) {
        return;
    }
    cJSON *line = cli_json(run->report, "stats");
    cJSON_AddStringToObject(line, "state", state);
    add_rates(line, r);
    add_figures(line, f);
    cli_json_line(run->report, line);
}

void publish_tell_figures(publish_run *run)
{
    publish_figures before = run->figures;
    publish_read_figures(run);
    rates r = rates_of(&before, &run->figures, &run->meter);
    tell_second(run, &r);
}

static void summary_json(publish_run *run, int code, const rates *r)
{
    char url[CLI_URL_TEXT_MAX];
    const publish_figures *f = &run->figures;
    cJSON *line = cli_json(run->report, "summary");
    cJSON_AddNumberToObject(line, "exit_code", code);
    cJSON_AddStringToObject(line, "ended_by", run->ended_by);
    cJSON_AddBoolToObject(line, "was_live", run->was_live);
    cJSON_AddStringToObject(line, "cause", chalk_error_name(run->cause));
    cJSON_AddStringToObject(line, "url", cli_url_shown(run->options->url, url, sizeof url));
    add_rates(line, r);
    add_figures(line, f);
    cli_json_line(run->report, line);
}

void publish_tell_summary(publish_run *run, int code)
{
    const publish_figures *f = &run->figures;
    publish_figures start = {.at_us = run->whole.wall_us};
    rates r = rates_of(&start, f, &run->whole);
    if (run->report->json) {
        summary_json(run, code, &r);
        return;
    }
    cli_say(run->report,
            "%.0f s: %llu pictures (%.1f a second), %llu kB sent (%.0f kbit/s), %llu dropped, "
            "%u reconnects, CPU %.0f %%",
            (double)(f->at_us - start.at_us) / 1e6, (unsigned long long)f->video.frames_encoded,
            r.fps, (unsigned long long)(f->output.bytes_sent / 1000), r.kbps,
            (unsigned long long)r.dropped, f->output.reconnects, r.cpu_percent);
}
