/*
 * VP8 by libvpx, in its real-time mode.
 *
 * Rate control is ours (rate.h), by the quantiser of each picture, for the reasons that stand
 * there. What rate.h calls quality is a quantiser of H.264, in which 6 steps halve the bits; here
 * it is turned into the VP8 quantiser of the same step size.
 */
#include "codec/codecs.h"
#include "codec/rate.h"
#include "codec/video_in.h"

#include "base/check.h"
#include "core/vp8/record.h"

#include <math.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#define NAME "libvpx"
/* Above this one thread would need over a third of the time between two pictures. */
#define PIXELS_A_SECOND_ALONE INT64_C(25000000)
#define SPEED_CAMERA          (-8) /* of -16 (fast) to 0: milliseconds a picture, in effect */
#define SPEED_SLIDES          (-12)

/* Quantisers of H.264 and the window of rate.h. VP8's quantiser ends at about 47. */
typedef struct vp8_profile {
    double best;
    double worst;
    uint32_t window_ms;
    int speed;
} vp8_profile;

static const vp8_profile slides = {22, 36, 1500, SPEED_SLIDES};
static const vp8_profile motion = {24, 47, 1000, SPEED_CAMERA};
static const vp8_profile camera = {26, 47, 800, SPEED_CAMERA};

struct ck_encoder {
    ck_encoder_config config;
    const ck_log *log;
    vpx_codec_ctx_t codec;
    bool opened;
    vpx_codec_enc_cfg_t settings; /* as last set */
    ck_rate rate;
    ck_slice record;
    ck_packet packet; /* payload empty: nothing to receive */
    int64_t number;   /* of the next picture */
    int64_t key_us;   /* time of the last key frame */
    bool has_key;
    double finer; /* by how much the next picture is to be better */
    bool drained;
};

static const vp8_profile *profile_of(uint32_t hint)
{
    return hint == CHALK_HINT_SLIDES ? &slides : hint == CHALK_HINT_MOTION ? &motion : &camera;
}

static int fail(const ck_encoder *e, int level, const char *what, vpx_codec_err_t error)
{
    ck_logf(e->log, level, "codec", NAME ": %s: %s", what, vpx_codec_err_to_string(error));
    return error == VPX_CODEC_MEM_ERROR ? CHALK_ERR_NO_MEMORY : CHALK_ERR_CODEC;
}

/* The quantiser index of libvpx (0-63) whose step is that of H.264's quantiser `qp`. VP8's steps
 * for AC coefficients (RFC 6386, 14.1) are of a transform with twice H.264's gain. */
static unsigned quantizer_of(double qp)
{
    static const uint16_t steps[64] = {
        4,   5,   6,   7,   8,   9,   11,  12,  13,  14,  16,  17,  19,  21,  22,  23,
        24,  25,  27,  28,  29,  30,  31,  32,  33,  34,  35,  37,  39,  41,  43,  45,
        47,  49,  51,  53,  55,  57,  60,  64,  68,  72,  78,  84,  90,  96,  102, 108,
        114, 122, 131, 140, 149, 158, 167, 177, 189, 201, 213, 225, 239, 254, 269, 284,
    };
    const double wanted = 2 * 0.625 * pow(2.0, qp / 6.0);
    unsigned index = 0;
    while (index < 63 && steps[index] < wanted) {
        index++;
    }
    return index;
}

static void fill_settings(ck_encoder *e)
{
    const ck_encoder_config *config = &e->config;
    const int64_t load = (int64_t)config->width * config->height * config->fps_max;
    vpx_codec_enc_cfg_t *s = &e->settings;
    s->g_w = (unsigned)config->width;
    s->g_h = (unsigned)config->height;
    /* Pictures are numbered, not timed: times may stand still. */
    s->g_timebase = (vpx_rational_t){1, (int)config->fps_max};
    s->g_threads = load > PIXELS_A_SECOND_ALONE ? 2 : 1;
    s->g_lag_in_frames = 0;
    s->g_error_resilient = 0;
    s->rc_end_usage = VPX_VBR; /* idle: the quantiser is given */
    s->rc_target_bitrate = config->bitrate_kbps;
    s->rc_dropframe_thresh = 0; /* the one left out may be the last for minutes */
    s->rc_min_quantizer = s->rc_max_quantizer = quantizer_of(profile_of(config->hint)->best);
    s->kf_mode = VPX_KF_DISABLED; /* never by count: `gop_us` is time */
}

static int open_codec(ck_encoder *e)
{
    const bool screen = e->config.hint == CHALK_HINT_SLIDES;
    vpx_codec_err_t error = vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &e->settings, 0);
    if (error == VPX_CODEC_OK) {
        fill_settings(e);
        error = vpx_codec_enc_init(&e->codec, vpx_codec_vp8_cx(), &e->settings, 0);
    }
    if (error != VPX_CODEC_OK) {
        return fail(e, 2, "cannot open", error);
    }
    e->opened = true;
    const vpx_codec_err_t errors[] = {
        vpx_codec_control(&e->codec, VP8E_SET_CPUUSED, profile_of(e->config.hint)->speed),
        vpx_codec_control(&e->codec, VP8E_SET_SCREEN_CONTENT_MODE, screen ? 1u : 0u),
        vpx_codec_control(&e->codec, VP8E_SET_NOISE_SENSITIVITY, 0u),
        vpx_codec_control(&e->codec, VP8E_SET_TOKEN_PARTITIONS, (int)e->settings.g_threads - 1),
    };
    for (size_t i = 0; i < CK_COUNT_OF(errors); i++) {
        if (errors[i] != VPX_CODEC_OK) {
            return fail(e, 2, "cannot set up", errors[i]);
        }
    }
    return CHALK_OK;
}

static int write_record(ck_encoder *e)
{
    const ck_video_color color = ck_video_color_of(e->config.color);
    const ck_vp8_record record = {
        .primaries = color.primaries, .transfer = color.transfer, .matrix = color.matrix};
    uint8_t bytes[CK_VP8_RECORD_SIZE];
    ck_vp8_record_write(bytes, &record);
    e->record = ck_slice_copy(&ck_heap, bytes, sizeof(bytes));
    return e->record.data != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

static void vp8_close(ck_encoder **encoder)
{
    ck_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    *encoder = NULL;
    if (e->opened) {
        (void)vpx_codec_destroy(&e->codec); /* fails for what was never opened alone */
    }
    ck_packet_unref(&e->packet);
    ck_slice_unref(&e->record);
    ck_free(&ck_heap, e);
}

static int vp8_open(const ck_encoder_config *config, const ck_log *log, ck_encoder **out)
{
    *out = NULL;
    int status = ck_video_check_config(config, CHALK_CODEC_VP8);
    if (status != CHALK_OK) {
        return status;
    }
    ck_encoder *e = ck_new(&ck_heap, sizeof(*e));
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    const vp8_profile *profile = profile_of(config->hint);
    e->config = *config;
    e->log = log;
    ck_rate_init(&e->rate, profile->best, profile->worst, profile->window_ms, config->bitrate_kbps);
    status = open_codec(e);
    if (status == CHALK_OK) {
        status = write_record(e);
    }
    if (status != CHALK_OK) {
        vp8_close(&e);
        return status;
    }
    *out = e;
    return CHALK_OK;
}

static int vp8_info(ck_encoder *e, ck_encoder_info *info)
{
    *info = (ck_encoder_info){.name = NAME, .config = e->record};
    return CHALK_OK;
}

static int set_quality(ck_encoder *e, double quality)
{
    const unsigned index = quantizer_of(quality);
    if (index == e->settings.rc_max_quantizer) {
        return CHALK_OK;
    }
    e->settings.rc_min_quantizer = e->settings.rc_max_quantizer = index;
    const vpx_codec_err_t error = vpx_codec_enc_config_set(&e->codec, &e->settings);
    return error == VPX_CODEC_OK ? CHALK_OK : fail(e, 1, "cannot set the quality", error);
}

static int take_packet(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us)
{
    vpx_codec_iter_t iter = NULL;
    const vpx_codec_cx_pkt_t *got;
    while ((got = vpx_codec_get_cx_data(&e->codec, &iter)) != NULL) {
        if (got->kind != VPX_CODEC_CX_FRAME_PKT || e->packet.payload.size > 0) {
            continue;
        }
        ck_rate_spend(&e->rate, got->data.frame.sz);
        e->packet = (ck_packet){
            .codec = CHALK_CODEC_VP8,
            .key = (got->data.frame.flags & VPX_FRAME_IS_KEY) != 0,
            .pts_us = pts_us,
            .dts_us = pts_us,
            .capture_us = frame->info.capture_us,
            .payload = ck_slice_copy(&ck_heap, got->data.frame.buf, got->data.frame.sz),
        };
        if (e->packet.payload.data == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        e->has_key = e->has_key || e->packet.key;
        e->key_us = e->packet.key ? pts_us : e->key_us;
    }
    return CHALK_OK;
}

static int encode(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    vpx_image_t image;
    /* The first plane describes itself; the others are put in place below. */
    uint8_t *first = (uint8_t *)(uintptr_t)frame->info.planes[0];
    if (vpx_img_wrap(&image, VPX_IMG_FMT_I420, (unsigned)frame->info.width,
                     (unsigned)frame->info.height, 1, first) == NULL) {
        return CHALK_ERR_CODEC;
    }
    for (int i = 0; i < 3; i++) {
        /* The interface knows no const; the encoder only reads. */
        image.planes[i] = (uint8_t *)(uintptr_t)frame->info.planes[i];
        image.stride[i] = frame->info.strides[i];
    }
    const vpx_codec_err_t error = vpx_codec_encode(&e->codec, &image, e->number++, 1,
                                                   key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME);
    return error == VPX_CODEC_OK ? take_packet(e, frame, pts_us)
                                 : fail(e, 1, "cannot encode", error);
}

static int vp8_send(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    int status = ck_video_check_frame(&e->config, frame);
    if (status != CHALK_OK) {
        return status;
    }
    if (e->drained) {
        return CHALK_ERR_BAD_STATE;
    }
    if (e->packet.payload.size > 0) {
        return CHALK_ERR_AGAIN;
    }
    const bool gop_over = e->config.gop_us > 0 && pts_us - e->key_us >= (int64_t)e->config.gop_us;
    status = set_quality(e, ck_rate_quality(&e->rate, pts_us) - e->finer);
    e->finer = 0;
    return status == CHALK_OK ? encode(e, frame, pts_us, key || !e->has_key || gop_over) : status;
}

static int vp8_drain(ck_encoder *e)
{
    e->drained = true; /* nothing is ever held back */
    return CHALK_OK;
}

static int vp8_receive(ck_encoder *e, ck_packet *out)
{
    if (e->packet.payload.size == 0) {
        return e->drained ? CHALK_ERR_END : CHALK_ERR_AGAIN;
    }
    *out = e->packet;
    e->packet = (ck_packet){0};
    return CHALK_OK;
}

static int vp8_set_bitrate(ck_encoder *e, uint32_t kbps)
{
    if (kbps < 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_rate_set(&e->rate, kbps);
    return CHALK_OK;
}

static void vp8_set_finer(ck_encoder *e, uint32_t steps)
{
    e->finer = (double)steps;
}

static int vp8_send_audio(ck_encoder *e, const ck_audio_block *block)
{
    (void)e;
    (void)block;
    return CHALK_ERR_UNSUPPORTED;
}

const ck_encoder_backend ck_vp8_encoder = {
    .name = NAME,
    .codec = CHALK_CODEC_VP8,
    .open = vp8_open,
    .info = vp8_info,
    .send_video = vp8_send,
    .send_audio = vp8_send_audio,
    .drain = vp8_drain,
    .receive = vp8_receive,
    .set_bitrate = vp8_set_bitrate,
    .set_finer = vp8_set_finer,
    .close = vp8_close,
};
