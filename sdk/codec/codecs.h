/*
 * What the files of sdk/codec give to codec.c, which assembles the ck_codec_set of
 * runtime/media/codec.h. Contracts are there.
 */
#ifndef CK_CODEC_CODECS_H
#define CK_CODEC_CODECS_H

#include "runtime/media/codec.h"

#ifdef CK_CODEC_X264
extern const ck_encoder_backend ck_x264_encoder;
#endif
extern const ck_encoder_backend ck_openh264_encoder;
extern const ck_encoder_backend ck_aac_encoder;
extern const ck_decoder_backend ck_h264_decoder;
extern const ck_decoder_backend ck_aac_decoder;

int ck_converter_open(int32_t width, int32_t height, ck_converter **out);
int ck_converter_convert(ck_converter *c, chalk_video_frame *in, chalk_video_frame **out);
void ck_converter_close(ck_converter **c);

int ck_resampler_open(uint32_t channels, ck_resampler **out);
int ck_resampler_convert(ck_resampler *r, const ck_audio_block *in, ck_audio_block *out);
void ck_resampler_close(ck_resampler **r);

int ck_muxer_open(const char *path, const ck_muxer_track *tracks, size_t count, ck_muxer **out);
int ck_muxer_write(ck_muxer *m, size_t track, const ck_packet *packet);
int ck_muxer_close(ck_muxer **m);

#endif
