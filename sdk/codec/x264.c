/*
 * libx264 through libavcodec. It is asked for by name at run time, so the same binary works with an
 * FFmpeg that was built without it; the next encoder of the table then takes over.
 *
 * Rate control is ours (rate.h): x264 runs at a quality (CRF) that is set for each picture. Its own
 * buffer model is used for one thing, the largest size of a single picture: a buffer of that size
 * which is full again before every picture. libavcodec hands changed rc_* fields and a changed
 * "crf" to x264_encoder_reconfig with the next picture.
 */
#include "codec/av_video.h"
#include "codec/avc_out.h"
#include "codec/codecs.h"
#include "codec/rate.h"
#include "codec/video_in.h"

#include "base/check.h"

#include <libavutil/cpu.h>
#include <libavutil/opt.h>
#include <math.h>

#define NAME   "libx264"
#define QP_MAX 51

/* What a hint means. `best` and `worst` are CRF, `window_ms` is rate.h's. */
typedef struct x264_profile {
    const char *params; /* x264's own, on top of veryfast and zerolatency */
    double best;
    double worst;
    uint32_t window_ms;
    uint32_t percent; /* of the bit rate, that is aimed at */
} x264_profile;

/* All: parameter sets do not depend on the quality, so that hints can change in mid-stream
 * (stitchable).
 * Slides: letters must be clean, so the quality is high and never falls below what can be read, and
 * one slide may take what a second and a half carries. Psychovisual tricks are off: they put noise
 * on flat colour and around letters. So is adaptive quantisation, as far as that goes: x264 takes
 * offsets for a picture (below) only while it is on, and at this strength it changes nothing else.
 * The deblocking filter is as weak as it goes: it takes the edges of letters for the edges
 * of blocks (ten dB on a slide's first picture). Key frames, which x264 makes as good as the
 * pictures before on average, are 5 QP coarser instead of 3 finer, unless more is asked for: of a
 * still screen nothing else is sent. */
static const x264_profile slides = {
    .params = "stitchable=1:psy=0:aq-mode=1:aq-strength=0.001:deblock=-6,-6:ipratio=0.55",
    .best = 25,
    .worst = 34,
    .window_ms = 1600, /* of what is aimed at: a second and a half of the bit rate */
    .percent = 93, /* text that scrolls is clean below the rate, and a slide needs what is left */
};
static const x264_profile motion = {
    .params = "stitchable=1", .best = 20, .worst = 50, .window_ms = 1000, .percent = 100};
static const x264_profile camera = {
    .params = "stitchable=1:scenecut=0", .best = 23, .worst = 50, .window_ms = 800, .percent = 100};

struct ck_encoder {
    ck_encoder_config config;
    const ck_log *log;
    AVCodecContext *context;
    AVFrame *frame;
    AVPacket *packet;
    ck_avc_out out;
    ck_rate rate;
    ck_stamps stamps;
    double crf;   /* in force */
    double finer; /* by how much the next picture is to be better */
};

static const x264_profile *profile_of(uint32_t hint)
{
    return hint == CHALK_HINT_SLIDES ? &slides : hint == CHALK_HINT_MOTION ? &motion : &camera;
}

static uint32_t aimed_kbps(const x264_profile *profile, uint32_t kbps)
{
    return (uint32_t)((uint64_t)kbps * profile->percent / 100);
}

/* One core of a small server codes about 90 million camera pixels a second. Threads mean slices,
 * which cost bits at their seams, so they are taken only where one thread would need over a third
 * of the time between two pictures, or one picture over 15 ms. */
static int thread_count(const ck_encoder_config *config)
{
    const int64_t pixels = (int64_t)config->width * config->height;
    const int64_t load = pixels * config->fps_max;
    const int wanted = load <= 30000000 && pixels <= 1400000 ? 1 : load <= 70000000 ? 2 : 4;
    const int present = av_cpu_count();
    return CK_CLAMP(wanted, 1, CK_MAX(present, 1));
}

/* Makes the largest picture what the window holds. The buffer is refilled from one picture to the
 * next, which is the fastest rate that x264 takes for a buffer of this size. */
static void set_picture_limit(ck_encoder *e)
{
    const int64_t bits = ck_rate_window_bits(&e->rate);
    e->context->rc_buffer_size = (int)bits;
    e->context->rc_max_rate = bits / 1000 * e->config.fps_max * 1000;
}

static int set_options(const x264_profile *profile, AVDictionary **options)
{
    int status = av_dict_set(options, "preset", "veryfast", 0);
    if (status >= 0) {
        status = av_dict_set(options, "tune", "zerolatency", 0);
    }
    if (status >= 0) {
        status = av_dict_set(options, "forced-idr", "1", 0);
    }
    if (status >= 0) {
        status = av_dict_set_int(options, "crf", (int64_t)profile->best, 0);
    }
    if (status >= 0 && profile->params[0] != '\0') {
        status = av_dict_set(options, "x264-params", profile->params, 0);
    }
    return status;
}

static int open_context(ck_encoder *e, const AVCodec *codec)
{
    const x264_profile *profile = profile_of(e->config.hint);
    e->context = ck_av_context(codec);
    e->frame = av_frame_alloc();
    e->packet = av_packet_alloc();
    if (e->context == NULL || e->frame == NULL || e->packet == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_av_describe_video(&e->config, e->context);
    e->context->gop_size = INT32_MAX / 2; /* never by count: avc_out asks for key frames by time */
    e->context->thread_count = thread_count(&e->config);
    /* The true rate while opening: x264 derives the level that it states from it. */
    e->context->rc_buffer_size = (int)ck_rate_window_bits(&e->rate);
    e->context->rc_max_rate = (int64_t)e->config.bitrate_kbps * 1000;
    AVDictionary *options = NULL;
    int status = set_options(profile, &options);
    if (status >= 0) {
        status = avcodec_open2(e->context, codec, &options);
    }
    av_dict_free(&options);
    if (status < 0) {
        ck_av_log(e->log, 2, NAME, "cannot open", status);
        return ck_av_status(status, CHALK_ERR_CODEC);
    }
    e->crf = (double)(int64_t)profile->best;
    return ck_avc_out_config(&e->out, e->context->extradata, (size_t)e->context->extradata_size);
}

static void x264_close(ck_encoder **encoder)
{
    ck_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    *encoder = NULL;
    avcodec_free_context(&e->context);
    av_frame_free(&e->frame);
    av_packet_free(&e->packet);
    ck_avc_out_free(&e->out);
    ck_free(&ck_heap, e);
}

static int x264_open(const ck_encoder_config *config, const ck_log *log, ck_encoder **out)
{
    *out = NULL;
    int status = ck_video_check_config(config, CHALK_CODEC_H264);
    if (status != CHALK_OK) {
        return status;
    }
    const AVCodec *codec = avcodec_find_encoder_by_name(NAME);
    if (codec == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    ck_encoder *e = ck_new(&ck_heap, sizeof(*e));
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    const x264_profile *profile = profile_of(config->hint);
    e->config = *config;
    e->log = log;
    ck_avc_out_init(&e->out, config->gop_us);
    ck_rate_init(&e->rate, profile->best, profile->worst, profile->window_ms,
                 aimed_kbps(profile, config->bitrate_kbps));
    status = open_context(e, codec);
    if (status != CHALK_OK) {
        x264_close(&e);
        return status;
    }
    *out = e;
    return CHALK_OK;
}

static int x264_info(ck_encoder *e, ck_encoder_info *info)
{
    *info = (ck_encoder_info){.name = NAME, .config = e->out.config};
    return CHALK_OK;
}

static void set_quality(ck_encoder *e, double quality)
{
    /* In quarters: a step nobody can see is not worth reconfiguring x264 for. */
    const double crf = floor(quality * 4.0 + 0.5) / 4.0;
    if (crf != e->crf && av_opt_set_double(e->context->priv_data, "crf", crf, 0) >= 0) {
        e->crf = crf;
    }
}

/* x264 codes key frames as the pictures before them, whatever the CRF: what is to be better of them
 * is said as an offset for the whole picture. */
static int set_finer_of(ck_encoder *e, bool key, double quality)
{
    const int steps = (int)e->finer;
    set_quality(e, key ? quality : quality - steps);
    e->finer = 0;
    if (!key || steps == 0) {
        return 0;
    }
    AVFrameSideData *side = av_frame_new_side_data(e->frame, AV_FRAME_DATA_REGIONS_OF_INTEREST,
                                                   sizeof(AVRegionOfInterest));
    if (side == NULL) {
        return AVERROR(ENOMEM);
    }
    *(AVRegionOfInterest *)side->data = (AVRegionOfInterest){
        .self_size = sizeof(AVRegionOfInterest),
        .bottom = e->config.height,
        .right = e->config.width,
        .qoffset = {-steps, QP_MAX},
    };
    return 0;
}

static int take_packets(ck_encoder *e)
{
    for (;;) {
        const int got = avcodec_receive_packet(e->context, e->packet);
        if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) {
            return CHALK_OK;
        }
        if (got < 0) {
            ck_av_log(e->log, 1, NAME, "cannot encode", got);
            return ck_av_status(got, CHALK_ERR_CODEC);
        }
        ck_rate_spend(&e->rate, (size_t)e->packet->size);
        const int status = ck_avc_out_unit(&e->out, e->packet->data, (size_t)e->packet->size,
                                           ck_stamps_get(&e->stamps, e->packet->pts));
        av_packet_unref(e->packet);
        if (status != CHALK_OK) {
            return status;
        }
    }
}

static int x264_send(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    int status = ck_video_check_frame(&e->config, frame);
    if (status != CHALK_OK) {
        return status;
    }
    if (e->out.drained) {
        return CHALK_ERR_BAD_STATE;
    }
    if (e->out.queued > 0) {
        return CHALK_ERR_AGAIN;
    }
    status = ck_av_lend_picture(e->frame, frame);
    if (status != CHALK_OK) {
        return status;
    }
    key = key || ck_avc_key_is_due(&e->out, pts_us);
    status = set_finer_of(e, key, ck_rate_quality(&e->rate, pts_us));
    set_picture_limit(e);
    e->frame->pts = ck_stamps_put(&e->stamps, (ck_stamp){pts_us, frame->info.capture_us});
    e->frame->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    const int sent = status < 0 ? status : avcodec_send_frame(e->context, e->frame);
    av_frame_unref(e->frame);
    if (sent < 0) {
        ck_av_log(e->log, 1, NAME, "cannot encode", sent);
        return ck_av_status(sent, CHALK_ERR_CODEC);
    }
    return take_packets(e);
}

static int x264_drain(ck_encoder *e)
{
    if (!e->out.drained) {
        e->out.drained = true;
        /* Nothing is held back at zero latency: what comes now is at most nothing. */
        (void)avcodec_send_frame(e->context, NULL);
    }
    return CHALK_OK;
}

static int x264_receive(ck_encoder *e, ck_packet *out)
{
    return ck_avc_out_receive(&e->out, out);
}

static int x264_set_bitrate(ck_encoder *e, uint32_t kbps)
{
    if (kbps < 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_rate_set(&e->rate, aimed_kbps(profile_of(e->config.hint), kbps));
    return CHALK_OK;
}

static void x264_set_finer(ck_encoder *e, uint32_t steps)
{
    e->finer = (double)steps;
}

static int x264_send_audio(ck_encoder *e, const ck_audio_block *block)
{
    (void)e;
    (void)block;
    return CHALK_ERR_UNSUPPORTED;
}

const ck_encoder_backend ck_x264_encoder = {
    .name = NAME,
    .codec = CHALK_CODEC_H264,
    .open = x264_open,
    .info = x264_info,
    .send_video = x264_send,
    .send_audio = x264_send_audio,
    .drain = x264_drain,
    .receive = x264_receive,
    .set_bitrate = x264_set_bitrate,
    .set_finer = x264_set_finer,
    .close = x264_close,
};
