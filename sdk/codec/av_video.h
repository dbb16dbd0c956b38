/*
 * Pictures on their way into an encoder of libavcodec: what the stream is, and a picture lent.
 */
#ifndef CK_CODEC_AV_VIDEO_H
#define CK_CODEC_AV_VIDEO_H

#include "codec/av.h"
#include "runtime/media/codec.h"

/* Size, colour, times by number (stamps.h), no B frames, parameter sets out of band. */
void ck_av_describe_video(const ck_encoder_config *config, AVCodecContext *c);

/* Lends an I420 picture, which libavcodec would otherwise copy. NO_MEMORY. */
int ck_av_lend_picture(AVFrame *to, const chalk_video_frame *frame);

#endif
