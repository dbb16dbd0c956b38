/*
 * Cisco's openh264, by its plain C interface: the encoder of builds without GPL code.
 *
 * Rate control is ours (rate.h), by the quantiser of each picture: the encoder's own starves
 * pictures that come slowly and overspends on screen content. Nor may it skip pictures: the one
 * that it would leave out may be the last for minutes.
 */
#include "codec/avc_out.h"
#include "codec/codecs.h"
#include "codec/rate.h"
#include "codec/video_in.h"

#include "base/check.h"

#include <math.h>
#include <wels/codec_api.h>

#define NAME "openh264"

/* Quantisers and the window of rate.h. Letters stay readable at 36. */
typedef struct openh264_profile {
    double best;
    double worst;
    uint32_t window_ms;
} openh264_profile;

static const openh264_profile slides = {23, 36, 1500};
static const openh264_profile motion = {24, 50, 1000};
static const openh264_profile camera = {26, 50, 800};

struct ck_encoder {
    ck_encoder_config config;
    const ck_log *log;
    ISVCEncoder *codec;
    SEncParamExt param; /* as last set */
    ck_avc_out out;
    ck_rate rate;
    ck_buf unit; /* the layers of one access unit, put together */
};

static const openh264_profile *profile_of(uint32_t hint)
{
    return hint == CHALK_HINT_SLIDES ? &slides : hint == CHALK_HINT_MOTION ? &motion : &camera;
}

static void keep_quiet(void *context, int level, const char *message)
{
    (void)context;
    (void)level;
    (void)message;
}

static void silence(ISVCEncoder *codec)
{
    /* By default the library writes to the host's stderr. */
    int level = WELS_LOG_QUIET;
    WelsTraceCallback callback = keep_quiet;
    (*codec)->SetOption(codec, ENCODER_OPTION_TRACE_LEVEL, &level);
    (*codec)->SetOption(codec, ENCODER_OPTION_TRACE_CALLBACK, &callback);
}

static int bits_per_s(uint32_t kbps)
{
    return (int)CK_MIN(kbps, 2000000u) * 1000;
}

static void describe_layer(const ck_encoder_config *config, SSpatialLayerConfig *layer)
{
    const ck_video_color color = ck_video_color_of(config->color);
    layer->iVideoWidth = config->width;
    layer->iVideoHeight = config->height;
    layer->fFrameRate = (float)config->fps_max;
    layer->iSpatialBitrate = bits_per_s(config->bitrate_kbps);
    layer->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
    layer->uiProfileIdc = PRO_HIGH;
    layer->sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    layer->bVideoSignalTypePresent = true;
    layer->uiVideoFormat = VF_UNDEF;
    layer->bFullRange = false;
    layer->bColorDescriptionPresent = true;
    layer->uiColorPrimaries = color.primaries;
    layer->uiTransferCharacteristics = color.transfer;
    layer->uiColorMatrix = color.matrix;
}

static int open_codec(ck_encoder *e)
{
    const ck_encoder_config *config = &e->config;
    if (WelsCreateSVCEncoder(&e->codec) != 0 || e->codec == NULL) {
        return CHALK_ERR_CODEC;
    }
    silence(e->codec);
    SEncParamExt *param = &e->param;
    if ((*e->codec)->GetDefaultParams(e->codec, param) != cmResultSuccess) {
        return CHALK_ERR_CODEC;
    }
    param->iUsageType =
        config->hint == CHALK_HINT_SLIDES ? SCREEN_CONTENT_REAL_TIME : CAMERA_VIDEO_REAL_TIME;
    param->iPicWidth = config->width;
    param->iPicHeight = config->height;
    param->iTargetBitrate = bits_per_s(config->bitrate_kbps);
    param->iMaxBitrate = UNSPECIFIED_BIT_RATE;
    param->iRCMode = RC_OFF_MODE;
    param->fMaxFrameRate = (float)config->fps_max;
    param->iTemporalLayerNum = 1;
    param->iSpatialLayerNum = 1;
    param->uiIntraPeriod = 0; /* never by count: avc_out asks for key frames by time */
    param->eSpsPpsIdStrategy = CONSTANT_ID;
    param->iEntropyCodingModeFlag = 1;
    param->bEnableFrameSkip = false;
    param->iMultipleThreadIdc = 1;
    param->bEnableDenoise = false;
    if (config->hint == CHALK_HINT_SLIDES) {
        /* The deblocking filter takes the edges of letters for the edges of blocks. */
        param->iLoopFilterAlphaC0Offset = -6;
        param->iLoopFilterBetaOffset = -6;
    }
    describe_layer(config, &param->sSpatialLayers[0]);
    if ((*e->codec)->InitializeExt(e->codec, param) != cmResultSuccess) {
        return CHALK_ERR_CODEC;
    }
    int format = videoFormatI420;
    (*e->codec)->SetOption(e->codec, ENCODER_OPTION_DATAFORMAT, &format);
    return CHALK_OK;
}

/* Puts the bytes of all layers into e->unit. */
static int gather(ck_encoder *e, const SFrameBSInfo *info)
{
    ck_buf_clear(&e->unit);
    for (int i = 0; i < info->iLayerNum; i++) {
        const SLayerBSInfo *layer = &info->sLayerInfo[i];
        size_t size = 0;
        for (int n = 0; n < layer->iNalCount; n++) {
            size += (size_t)layer->pNalLengthInByte[n];
        }
        ck_buf_put(&e->unit, layer->pBsBuf, size);
    }
    return ck_buf_status(&e->unit);
}

static int read_parameter_sets(ck_encoder *e)
{
    SFrameBSInfo info = {0};
    if ((*e->codec)->EncodeParameterSets(e->codec, &info) != cmResultSuccess) {
        return CHALK_ERR_CODEC;
    }
    const int status = gather(e, &info);
    return status != CHALK_OK ? status : ck_avc_out_config(&e->out, e->unit.data, e->unit.size);
}

static void openh264_close(ck_encoder **encoder)
{
    ck_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    *encoder = NULL;
    if (e->codec != NULL) {
        (*e->codec)->Uninitialize(e->codec);
        WelsDestroySVCEncoder(e->codec);
    }
    ck_avc_out_free(&e->out);
    ck_buf_free(&e->unit);
    ck_free(&ck_heap, e);
}

static int openh264_open(const ck_encoder_config *config, const ck_log *log, ck_encoder **out)
{
    *out = NULL;
    int status = ck_video_check_config(config, CHALK_CODEC_H264);
    if (status != CHALK_OK) {
        return status;
    }
    ck_encoder *e = ck_new(&ck_heap, sizeof(*e));
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    const openh264_profile *profile = profile_of(config->hint);
    e->config = *config;
    e->log = log;
    ck_avc_out_init(&e->out, config->gop_us);
    ck_rate_init(&e->rate, profile->best, profile->worst, profile->window_ms, config->bitrate_kbps);
    ck_buf_init(&e->unit, &ck_heap, CK_AVC_UNIT_MAX);
    status = open_codec(e);
    if (status == CHALK_OK) {
        status = read_parameter_sets(e);
    }
    if (status != CHALK_OK) {
        ck_logf(log, 2, "codec", NAME ": cannot open at %dx%d", config->width, config->height);
        openh264_close(&e);
        return status;
    }
    *out = e;
    return CHALK_OK;
}

static int openh264_info(ck_encoder *e, ck_encoder_info *info)
{
    *info = (ck_encoder_info){.name = NAME, .config = e->out.config};
    return CHALK_OK;
}

static void set_quality(ck_encoder *e, double quality)
{
    const int qp = (int)floor(quality + 0.5);
    SSpatialLayerConfig *layer = &e->param.sSpatialLayers[0];
    if (qp == layer->iDLayerQp) {
        return;
    }
    layer->iDLayerQp = qp;
    (*e->codec)->SetOption(e->codec, ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, &e->param);
}

static int encode(ck_encoder *e, const chalk_video_frame *frame, ck_stamp stamp)
{
    SSourcePicture picture = {0};
    SFrameBSInfo info = {0};
    picture.iColorFormat = videoFormatI420;
    picture.iPicWidth = frame->info.width;
    picture.iPicHeight = frame->info.height;
    picture.uiTimeStamp = stamp.pts_us / 1000;
    for (int i = 0; i < 3; i++) {
        /* The interface knows no const; the encoder only reads. */
        picture.pData[i] = (unsigned char *)(uintptr_t)frame->info.planes[i];
        picture.iStride[i] = frame->info.strides[i];
    }
    set_quality(e, ck_rate_quality(&e->rate, stamp.pts_us));
    const int result = (*e->codec)->EncodeFrame(e->codec, &picture, &info);
    if (result != cmResultSuccess || info.eFrameType == videoFrameTypeInvalid) {
        ck_logf(e->log, 1, "codec", NAME ": cannot encode: error %d", result);
        return CHALK_ERR_CODEC;
    }
    if (info.eFrameType == videoFrameTypeSkip) {
        return CHALK_OK;
    }
    const int status = gather(e, &info);
    ck_rate_spend(&e->rate, e->unit.size);
    return status != CHALK_OK ? status
                              : ck_avc_out_unit(&e->out, e->unit.data, e->unit.size, stamp);
}

static int openh264_send(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    const int status = ck_video_check_frame(&e->config, frame);
    if (status != CHALK_OK) {
        return status;
    }
    if (e->out.drained) {
        return CHALK_ERR_BAD_STATE;
    }
    if (e->out.queued > 0) {
        return CHALK_ERR_AGAIN;
    }
    if (key || ck_avc_key_is_due(&e->out, pts_us)) {
        (*e->codec)->ForceIntraFrame(e->codec, true);
    }
    return encode(e, frame, (ck_stamp){pts_us, frame->info.capture_us});
}

static int openh264_drain(ck_encoder *e)
{
    e->out.drained = true; /* nothing is ever held back */
    return CHALK_OK;
}

static int openh264_receive(ck_encoder *e, ck_packet *out)
{
    return ck_avc_out_receive(&e->out, out);
}

static int openh264_set_bitrate(ck_encoder *e, uint32_t kbps)
{
    if (kbps < 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_rate_set(&e->rate, kbps);
    return CHALK_OK;
}

static int openh264_send_audio(ck_encoder *e, const ck_audio_block *block)
{
    (void)e;
    (void)block;
    return CHALK_ERR_UNSUPPORTED;
}

const ck_encoder_backend ck_openh264_encoder = {
    .name = NAME,
    .codec = CHALK_CODEC_H264,
    .open = openh264_open,
    .info = openh264_info,
    .send_video = openh264_send,
    .send_audio = openh264_send_audio,
    .drain = openh264_drain,
    .receive = openh264_receive,
    .set_bitrate = openh264_set_bitrate,
    .close = openh264_close,
};
