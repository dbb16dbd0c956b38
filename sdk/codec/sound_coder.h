/*
 * What encoders of sound have in common: blocks of any size come in, frames of one size go to the
 * codec, and packets wait until they are received.
 *
 * A block's pts_us is kept to within CK_SOUND_DRIFT_US (sound_line.h): a gap becomes silence, an
 * overlap is cut, a large gap begins the line anew. What is not finite becomes silence: an
 * application's NaN must not stop the lesson's sound.
 */
#ifndef CK_CODEC_SOUND_CODER_H
#define CK_CODEC_SOUND_CODER_H

#include "base/ring.h"
#include "codec/sound_line.h"
#include "codec/stamps.h"
#include "runtime/media/codec.h"

#define CK_SOUND_RATE      48000u
#define CK_SOUND_FRAME_MAX 2880u  /* samples per channel: 60 ms */
#define CK_SOUND_BLOCK_MAX 96000u /* samples per channel in one call */
#define CK_SOUND_QUEUE_MAX 512u   /* packets: a block and the silence before it, 10 ms each */

/* Encodes one frame: `samples` is interleaved, `begun` says when the first of them was. */
typedef int (*ck_sound_encode)(ck_encoder *e, const float *samples, ck_stamp begun);

typedef struct ck_sound_coder {
    ck_encoder *encoder;
    ck_sound_encode encode;
    ck_sound_line line;
    ck_ring packets; /* of ck_packet */
    float *samples;  /* of the frame that is being put together */
    uint32_t channels;
    uint32_t frame;      /* its samples per channel */
    uint32_t next_frame; /* of the one behind it */
    uint32_t filled;
    ck_stamp begun;   /* when its first sample was */
    bool has_capture; /* capture times of blocks are known, */
    int64_t capture_minus_pts;
    bool drained;
} ck_sound_coder;

/* The checks that every encoder of sound makes on opening. */
int ck_sound_check_config(const ck_encoder_config *config, uint32_t codec);

/* frame: samples per channel, 1..CK_SOUND_FRAME_MAX. NO_MEMORY. */
int ck_sound_coder_init(ck_sound_coder *c, uint32_t channels, uint32_t frame, ck_encoder *encoder,
                        ck_sound_encode encode);
void ck_sound_coder_free(ck_sound_coder *c);

/* As send_audio of the contract. */
int ck_sound_coder_send(ck_sound_coder *c, const ck_audio_block *block);
/* Fills what is begun with silence and encodes it; no more is taken. */
int ck_sound_coder_drain(ck_sound_coder *c);
/* From the next frame on. */
void ck_sound_coder_set_frame(ck_sound_coder *c, uint32_t frame);

/* A copy of encoded bytes to be received. NO_MEMORY, LIMIT. */
int ck_sound_coder_push(ck_sound_coder *c, uint32_t codec, const void *data, size_t size,
                        ck_stamp stamp);
int ck_sound_coder_receive(ck_sound_coder *c, ck_packet *out); /* as receive of the contract */

#endif
