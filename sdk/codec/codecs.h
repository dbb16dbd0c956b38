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
extern const ck_encoder_backend ck_vp8_encoder;
extern const ck_encoder_backend ck_aac_encoder;
extern const ck_encoder_backend ck_opus_encoder;
extern const ck_decoder_backend ck_h264_decoder;
extern const ck_decoder_backend ck_vp8_decoder;
extern const ck_decoder_backend ck_aac_decoder;
extern const ck_decoder_backend ck_opus_decoder;

int ck_converter_open(int32_t width, int32_t height, ck_converter **out);
int ck_converter_convert(ck_converter *c, chalk_video_frame *in, const ck_damage *changed,
                         chalk_video_frame **out);
void ck_converter_close(ck_converter **c);

int ck_resampler_open(uint32_t channels, ck_resampler **out);
int ck_resampler_convert(ck_resampler *r, const ck_audio_block *in, ck_audio_block *out);
void ck_resampler_close(ck_resampler **r);

bool ck_muxer_carries(const char *path, uint32_t codec);
int ck_muxer_open(const char *path, const ck_muxer_track *tracks, size_t count, ck_muxer **out);
int ck_muxer_write(ck_muxer *m, size_t track, const ck_packet *packet);
int ck_muxer_close(ck_muxer **m);

int ck_demuxer_open(const ck_log *log, ck_demuxer **out);
int ck_demuxer_send(ck_demuxer *d, const void *data, size_t size);
int ck_demuxer_end(ck_demuxer *d);
int ck_demuxer_receive(ck_demuxer *d, uint32_t *media, ck_packet *out, const char **refused);
ck_demuxer_stamps ck_demuxer_get_stamps(const ck_demuxer *d);
void ck_demuxer_close(ck_demuxer **d);

#endif
