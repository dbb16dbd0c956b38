/* What is sent: sources by what was asked for, then tracks and encodings. */
#include "publish/publish.h"

#include "chalkrail/device.h"
#include "chalkrail/publication.h"

#include <string.h>

/* A film is not made slower than it is; other sources have the library's own default. */
#define FILE_FPS_DEFAULT 30
#define WISHED_SIDE_MIN  144 /* of a source that is asked for a size */

/* Where the sound comes from. `source` 0: there is no sound. */
typedef struct sound {
    chalk_source_id source;
    uint32_t hint;
    bool optional; /* a file may have none */
} sound;

static int open_failed(publish_run *run, int status, const char *what, const char *which)
{
    char text[320];
    (void)snprintf(text, sizeof text, "cannot open the %s%s%s", what, which[0] != '\0' ? " " : "",
                   which);
    return cli_fail_status(run->report, status, text);
}

/* A size that is too small for a source is reached by scaling. */
static void ask_for_size(const publish_options *o, chalk_source_options *source)
{
    bool possible = o->size.width >= WISHED_SIDE_MIN && o->size.height >= WISHED_SIDE_MIN;
    source->width = possible ? o->size.width : 0;
    source->height = possible ? o->size.height : 0;
}

static uint32_t cursor_of(const publish_run *run)
{
    const publish_options *o = run->options;
    if (o->no_cursor) {
        return CHALK_CURSOR_NONE;
    }
    uint32_t usual = run->room.wanted ? CHALK_CURSOR_LANE : CHALK_CURSOR_VIDEO;
    return o->cursor != 0 ? o->cursor : usual;
}

static int open_picture(publish_run *run)
{
    const publish_options *o = run->options;
    char device[CHALK_DEVICE_TEXT_MAX] = "";
    chalk_source_options source;
    chalk_source_options_init(&source);
    source.fps = o->fps;
    source.cursor = cursor_of(run);
    source.border = !o->no_border;
    const char *what = "screen", *which = device;
    if (o->screen != NULL) {
        source.kind = CHALK_SOURCE_SCREEN;
        (void)publish_screen_parse(o->screen, device, sizeof device, &source.region);
        source.device = device;
        if (o->region != NULL) {
            (void)publish_region_parse(o->region, &source.region);
        }
    } else if (o->window != NULL) {
        int code = publish_window_find(run, device);
        if (code != CLI_DONE) {
            return code;
        }
        source.kind = CHALK_SOURCE_WINDOW;
        source.device = device;
        which = o->window;
        what = "window";
    } else if (o->file != NULL) {
        source.kind = CHALK_SOURCE_FILE;
        source.path = which = o->file;
        source.loop = o->loop;
        source.fps = o->fps != 0 ? o->fps : FILE_FPS_DEFAULT;
        what = "file";
    } else if (o->camera != NULL) {
        source.kind = CHALK_SOURCE_CAMERA;
        source.device = which = o->camera;
        ask_for_size(o, &source);
        what = "camera";
    } else {
        source.kind = CHALK_SOURCE_SYNTHETIC;
        ask_for_size(o, &source);
        what = "synthetic source";
    }
    int status = chalk_source_create(run->s.session, &source, &run->material);
    if (status == CHALK_ERR_BAD_DATA && o->file != NULL) {
        run->report->status = status;
        return cli_fail(run->report,
                        "cannot open the file %s: it holds neither film nor sound (%s)", o->file,
                        chalk_error_name(status));
    }
    return status < 0 ? open_failed(run, status, what, which) : CLI_DONE;
}

static int open_sound_source(publish_run *run, uint32_t kind, const char *device,
                             chalk_source_id *out)
{
    chalk_source_options source;
    chalk_source_options_init(&source);
    source.kind = kind;
    source.device = device;
    return chalk_source_create(run->s.session, &source, out);
}

/* Nobody named a microphone: one is used if it can be, or else silence, so that players that wait
 * for sound do not wait for ever. */
static int open_default_sound(publish_run *run, sound *out)
{
    int status = open_sound_source(run, CHALK_SOURCE_MICROPHONE, NULL, &out->source);
    if (status == CHALK_OK) {
        return CLI_DONE;
    }
    cli_warn(run->report, "no microphone: %s (%s); sending silence, --mic none sends no sound",
             chalk_error_text(status), chalk_error_name(status));
    status = open_sound_source(run, CHALK_SOURCE_NULL, NULL, &out->source);
    return status < 0 ? open_failed(run, status, "silence", "") : CLI_DONE;
}

static int open_sound(publish_run *run, sound *out)
{
    const publish_options *o = run->options;
    const char *mic = o->mic;
    *out = (sound){.hint = CHALK_HINT_VOICE};
    if (mic == NULL && (o->file != NULL || o->synthetic)) {
        *out = (sound){run->material, CHALK_HINT_MUSIC, o->file != NULL};
        return CLI_DONE;
    }
    if (mic == NULL) {
        return open_default_sound(run, out);
    }
    if (strcmp(mic, "none") == 0) {
        return CLI_DONE;
    }
    if (strcmp(mic, "synthetic") == 0) {
        int status = open_sound_source(run, CHALK_SOURCE_SYNTHETIC, NULL, &out->source);
        return status < 0 ? open_failed(run, status, "synthetic sound", "") : CLI_DONE;
    }
    const char *device = strcmp(mic, "default") == 0 ? NULL : mic;
    int status = open_sound_source(run, CHALK_SOURCE_MICROPHONE, device, &out->source);
    return status < 0 ? open_failed(run, status, "microphone", device != NULL ? device : "")
                      : CLI_DONE;
}

static int no_such_encoder(publish_run *run)
{
    const publish_options *o = run->options;
    uint32_t codec = o->video_codec != 0 ? o->video_codec : CHALK_CODEC_H264;
    char names[256] = "";
    size_t used = 0;
    for (uint32_t i = 0; chalk_encoder_name(codec, i)[0] != '\0' && used < sizeof names; i++) {
        used += (size_t)snprintf(names + used, sizeof names - used, ", %s",
                                 chalk_encoder_name(codec, i));
    }
    run->report->status = CHALK_ERR_UNSUPPORTED;
    return cli_fail(run->report,
                    "this build has no %s encoder named %s; it has: auto, software, hardware%s",
                    codec == CHALK_CODEC_VP8 ? "VP8" : "H.264", o->encoder, names);
}

static int add_video(publish_run *run)
{
    const publish_options *o = run->options;
    chalk_track_options track;
    chalk_track_options_init(&track);
    track.media = CHALK_MEDIA_VIDEO;
    track.source = run->material;
    track.hint = o->hint;
    chalk_track_id id = 0;
    int status = chalk_track_create(run->s.session, run->publication, &track, &id);
    if (status == CHALK_ERR_UNSUPPORTED && o->file != NULL) {
        cli_warn(run->report, "%s has no picture; sending its sound alone", o->file);
        return CLI_DONE;
    }
    if (status < 0) {
        return cli_fail_status(run->report, status, "cannot send the picture");
    }
    chalk_encoding_options encoding;
    chalk_encoding_options_init(&encoding);
    encoding.width = o->size.width;
    encoding.height = o->size.height;
    encoding.fps = o->fps;
    encoding.bitrate_kbps = o->bitrate_kbps;
    encoding.gop_ms = (uint32_t)o->gop_ms;
    encoding.codec = o->video_codec;
    encoding.encoder = o->encoder;
    status = chalk_encoding_create(run->s.session, id, &encoding, &run->video);
    if (status == CHALK_ERR_UNSUPPORTED && o->encoder != NULL) {
        return no_such_encoder(run);
    }
    return status < 0 ? cli_fail_status(run->report, status, "cannot encode the picture")
                      : CLI_DONE;
}

static int add_audio(publish_run *run, const sound *from)
{
    if (from->source == 0) {
        return CLI_DONE;
    }
    chalk_track_options track;
    chalk_track_options_init(&track);
    track.media = CHALK_MEDIA_AUDIO;
    track.source = from->source;
    track.hint = from->hint;
    chalk_encoding_options encoding;
    chalk_encoding_options_init(&encoding);
    encoding.codec = run->options->audio_codec;
    chalk_track_id id = 0;
    int status = chalk_track_create(run->s.session, run->publication, &track, &id);
    if (status == CHALK_ERR_UNSUPPORTED && from->optional) {
        cli_warn(run->report, "%s has no sound; sending its picture alone", run->options->file);
        return CLI_DONE;
    }
    if (status == CHALK_OK) {
        status = chalk_encoding_create(run->s.session, id, &encoding, &run->audio);
    }
    return status < 0 ? cli_fail_status(run->report, status, "cannot send the sound") : CLI_DONE;
}

int publish_open_material(publish_run *run)
{
    sound from = {0};
    int code = open_picture(run);
    if (code == CLI_DONE) {
        code = open_sound(run, &from);
    }
    if (code == CLI_DONE) {
        int status = chalk_publication_create(run->s.session, NULL, &run->publication);
        code = status < 0 ? cli_fail_status(run->report, status, "cannot publish") : CLI_DONE;
    }
    if (code == CLI_DONE) {
        code = add_video(run);
    }
    if (code == CLI_DONE) {
        code = add_audio(run, &from);
    }
    if (code == CLI_DONE && run->video == 0 && run->audio == 0) {
        code = cli_fail(run->report, "there is neither a picture nor a sound to send");
    }
    return code;
}
