/* The tables that the media graph is handed. */
#include "codec/codecs.h"
#include "codec/driver_encoder.h"
#include "codec/image.h"

/* x264 gives about half the bits of openh264 for the same picture, so it is asked first. Drivers
 * come after what is known to work (runtime/media/encoding_choice.c says when they come first). */
static const ck_encoder_backend *const encoders[] = {
#ifdef CK_CODEC_X264
    &ck_x264_encoder,
#endif
    &ck_openh264_encoder, &ck_vaapi_encoder, &ck_nvenc_encoder,
    &ck_qsv_encoder,      &ck_v4l2_encoder,  &ck_vp8_encoder,
    &ck_aac_encoder,      &ck_opus_encoder,  NULL,
};

static const ck_decoder_backend *const decoders[] = {
    &ck_h264_decoder, &ck_vp8_decoder, &ck_aac_decoder, &ck_opus_decoder, NULL,
};

const ck_codec_set ck_codecs = {
    .encoders = encoders,
    .decoders = decoders,
    .converter_open = ck_converter_open,
    .convert = ck_converter_convert,
    .converter_close = ck_converter_close,
    .resampler_open = ck_resampler_open,
    .resample = ck_resampler_convert,
    .resampler_close = ck_resampler_close,
    .muxer_carries = ck_muxer_carries,
    .muxer_open = ck_muxer_open,
    .muxer_write = ck_muxer_write,
    .muxer_close = ck_muxer_close,
    .demuxer_open = ck_demuxer_open,
    .demuxer_send = ck_demuxer_send,
    .demuxer_end = ck_demuxer_end,
    .demuxer_receive = ck_demuxer_receive,
    .demuxer_stamps = ck_demuxer_get_stamps,
    .demuxer_close = ck_demuxer_close,
    .decode_image = ck_image_decode,
};
