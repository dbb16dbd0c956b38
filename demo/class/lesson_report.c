#include "class/lesson_report.h"

#include "cli/options.h"

#include <inttypes.h>
#include <stdio.h>

static double ms(int64_t us)
{
    return (double)us / 1000;
}

/* --- for people ------------------------------------------------------------------------------ */

static void print_student(cli_report *r, const student *s)
{
    const chalk_playback_stats *f = &s->figures.now;
    cli_say(r, "%s", s->options.name);
    cli_say(r, "  first picture     %.0f ms after joining", (double)f->first_picture_us / 1000);
    cli_say(r, "  shown             %" PRIu64 " of %" PRIu64 " pictures, %ux%u; %.0f kbit/s",
            f->frames_shown, f->frames_received, f->width, f->height, student_kbps(s));
    if (s->latency.count > 0) {
        cli_say(r, "  screen to screen  median %.0f ms, p95 %.0f ms (%" PRIu64 " pictures)",
                ms(samples_percentile(&s->latency, 50)), ms(samples_percentile(&s->latency, 95)),
                s->latency.count);
    }
    if (s->skew_stream.count > 0) {
        cli_say(r,
                "  picture to sound  median %+.1f ms, largest %.1f ms; as shown %+.1f and "
                "%.1f ms (%" PRIu64 " flashes and clicks)",
                ms(samples_percentile(&s->skew_stream, 50)), ms(samples_max_abs(&s->skew_stream)),
                ms(samples_percentile(&s->skew_shown, 50)), ms(samples_max_abs(&s->skew_shown)),
                s->skew_stream.count);
    }
    cli_say(r, "  freezes           %" PRIu64 ", sound concealed %.0f ms", f->freezes,
            (double)f->samples_concealed * 1000 / CHALK_SAMPLE_RATE);
}

static void print_table(cli_report *r, const lesson_result *l)
{
    cli_say(r, "\nThe lesson: %.1f s, first picture %.1f s after the start", l->seconds,
            l->first_picture_ms / 1000);
    cli_say(r, "teacher\n  picture           %ux%u, %s", l->encoding.width, l->encoding.height,
            l->encoder);
    cli_say(r,
            "  sent              %" PRIu64 " pictures (%" PRIu64 " key), %" PRIu64
            " drawn; %.0f kbit/s",
            l->encoding.frames_encoded, l->encoding.key_frames_encoded, l->drawings,
            l->seconds > 0 ? (double)l->output.bytes_sent * 8 / 1000 / l->seconds : 0);
    for (size_t i = 0; i < l->student_count; i++) {
        print_student(r, &l->students[i]);
    }
    cli_say(r, "CPU, all together   %.0f %% of one processor", l->cpu_percent);
    if (l->snapshot != NULL) {
        cli_say(r, "snapshot            %s", l->snapshot);
    }
    if (l->recording != NULL) {
        cli_say(r, "recording           %s (%" PRIu64 " pictures, %" PRIu64 " sound frames)",
                l->recording, l->recorded.video_samples, l->recorded.audio_samples);
    }
}

/* --- as JSON --------------------------------------------------------------------------------- */

static void add_samples(cJSON *object, const char *name, const samples *s, bool symmetric)
{
    cJSON *o = cJSON_AddObjectToObject(object, name);
    figures_json_number(o, "count", (double)s->count);
    figures_json_number(o, "median_ms", ms(samples_percentile(s, 50)));
    if (symmetric) {
        figures_json_number(o, "max_abs_ms", ms(samples_max_abs(s)));
    } else {
        figures_json_number(o, "p95_ms", ms(samples_percentile(s, 95)));
    }
}

static cJSON *student_json(const student *s)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", s->options.name);
    cJSON_AddStringToObject(object, "media", s->media);
    figures_json(&s->figures, object);
    cJSON_DeleteItemFromObject(object, "kbps");
    figures_json_number(object, "kbps", student_kbps(s));
    add_samples(object, "latency", &s->latency, false);
    add_samples(object, "skew_stream", &s->skew_stream, true);
    add_samples(object, "skew_shown", &s->skew_shown, true);
    figures_json_number(object, "unreadable", (double)s->unreadable);
    return object;
}

static void add_file(cJSON *object, const char *name, const char *path)
{
    if (path != NULL) {
        cJSON_AddStringToObject(object, name, path);
    } else {
        cJSON_AddNullToObject(object, name);
    }
}

static void print_json(cli_report *r, const lesson_result *l)
{
    cJSON *object = cli_json(r, "summary");
    figures_json_number(object, "seconds", l->seconds);
    figures_json_number(object, "first_picture_ms", l->first_picture_ms);
    figures_json_number(object, "cpu_percent", l->cpu_percent);
    cJSON_AddStringToObject(object, "encoder", l->encoding.encoder);
    figures_json_number(object, "width", l->encoding.width);
    figures_json_number(object, "height", l->encoding.height);
    figures_json_number(object, "drawings", (double)l->drawings);
    figures_json_number(object, "frames_sent", (double)l->encoding.frames_encoded);
    figures_json_number(object, "key_frames_sent", (double)l->encoding.key_frames_encoded);
    figures_json_number(object, "bytes_sent", (double)l->output.bytes_sent);
    add_file(object, "snapshot", l->snapshot);
    add_file(object, "recording", l->recording);
    figures_json_number(object, "recorded_pictures", (double)l->recorded.video_samples);
    figures_json_number(object, "recorded_sounds", (double)l->recorded.audio_samples);
    cJSON *list = cJSON_AddArrayToObject(object, "students");
    for (size_t i = 0; i < l->student_count; i++) {
        cJSON_AddItemToArray(list, student_json(&l->students[i]));
    }
    cli_json_line(r, object);
}

void lesson_report_print(cli_report *report, const lesson_result *result)
{
    if (report->json) {
        print_json(report, result);
    } else {
        print_table(report, result);
    }
}

/* --- the judgement --------------------------------------------------------------------------- */

/* A lesson that was broken off at once is not judged. */
#define JUDGED_FROM_S 3.0

static int64_t distance(int64_t us)
{
    return us < 0 ? -us : us;
}

static int judge_student(cli_report *r, const lesson_result *l, const student *s)
{
    int code = CLI_DONE;
    if (s->figures.now.frames_shown == 0) {
        code = cli_fail(r, "%s saw no picture", s->options.name);
    } else if (l->marks && s->latency.count == 0) {
        code = cli_fail(r, "%s could read the marks of no picture", s->options.name);
    }
    if (!s->measured_sound || !l->marks) {
        return code; /* heard by people, or by nobody */
    }
    int64_t skew_us = samples_percentile(&s->skew_stream, 50);
    if (s->skew_stream.count == 0) {
        return cli_fail(r, "%s heard no click with a flash", s->options.name);
    }
    if (distance(skew_us) > LESSON_SKEW_MAX_US) {
        return cli_fail(r, "%s: the picture is %.1f ms off the sound; at most %.0f ms are fine",
                        s->options.name, ms(skew_us), ms(LESSON_SKEW_MAX_US));
    }
    return code;
}

int lesson_report_judge(cli_report *report, const lesson_result *result)
{
    int code = CLI_DONE;
    if (result->seconds < JUDGED_FROM_S) {
        return code;
    }
    for (size_t i = 0; i < result->student_count; i++) {
        const student *s = &result->students[i];
        bool left = s->window_closed; /* who has gone is not asked */
        if (!left && judge_student(report, result, s) != CLI_DONE) {
            code = CLI_FAILED;
        }
    }
    if (result->recording != NULL &&
        (result->recorded.video_samples == 0 || result->recorded.audio_samples == 0)) {
        code = cli_fail(report, "the recording %s lacks %s", result->recording,
                        result->recorded.video_samples == 0 ? "pictures" : "sound");
    }
    for (size_t i = 0; result->recording != NULL && i < result->student_count; i++) {
        if (result->students[i].record_status < 0) {
            code =
                cli_fail_status(report, result->students[i].record_status, "the recording ended");
        }
    }
    return code;
}
