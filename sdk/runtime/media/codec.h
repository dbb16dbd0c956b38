/*
 * The contract between the media graph and codecs. runtime owns it, sdk/codec implements it, the
 * client hands the implementation (a ck_codec_set) to the graph: the graph includes no codec.
 *
 * Every object here is used by one thread at a time. Send/receive follows the field's convention:
 * send may answer CHALK_ERR_AGAIN (receive first), receive answers CHALK_ERR_AGAIN (send more) or
 * CHALK_ERR_END (drained). Ownership passes only on success. close accepts a pointer to NULL.
 */
#ifndef CK_MEDIA_CODEC_H
#define CK_MEDIA_CODEC_H

#include "core/asset/asset.h"
#include "runtime/media/frame.h"
#include "runtime/media/packet.h"
#include "runtime/os/os.h"

/* Interleaved float samples; borrowed for the duration of the call that passes it. */
typedef struct ck_audio_block {
    const float *samples;
    uint32_t frames;     /* samples per channel, >= 1 */
    uint32_t rate;       /* Hz, 8000..192000 */
    uint32_t channels;   /* 1..8 */
    uint64_t capture_us; /* runtime clock of the first sample (captured sound) */
    int64_t pts_us;      /* stream time of the first sample (decoded sound) */
} ck_audio_block;

typedef struct ck_encoder_config {
    uint32_t codec; /* enum chalk_codec */
    uint32_t hint;  /* enum chalk_hint */
    int32_t width;  /* video: even, 2..CHALK_PICTURE_SIDE_MAX */
    int32_t height;
    uint32_t color;        /* enum chalk_color of the frames that will come; tagged in the stream */
    uint32_t fps_max;      /* video: 1..120 */
    uint32_t bitrate_kbps; /* target */
    uint64_t gop_us;       /* longest distance of key frames; 0: only on request */
    uint32_t rate;         /* audio: 48000 */
    uint32_t channels;     /* audio: 1 or 2 */
} ck_encoder_config;

typedef struct ck_encoder ck_encoder;

/* What an opened encoder is, for outputs and for events. */
typedef struct ck_encoder_info {
    const char *name;       /* "libx264", ...; static */
    ck_slice config;        /* borrowed: AVCDecoderConfigurationRecord (H.264),
                               VPCodecConfigurationRecord (VP8), AudioSpecificConfig (AAC) or
                               OpusHead (Opus) */
    uint32_t frame_samples; /* audio: samples per channel in a packet (AAC-LC: 1024) */
    uint32_t delay_samples; /* audio: priming samples that the decoder will give first */
} ck_encoder_info;

/* What is known of the way to whoever decodes. */
typedef struct ck_encoder_network {
    uint32_t loss_percent; /* packets lost, 0..100 */
    bool fec;              /* carry the packet before again, coarsely (Opus' in-band FEC) */
    uint32_t frame_ms;     /* 10, 20, 40 or 60 of sound in a packet; 0: as it is */
} ck_encoder_network;

typedef struct ck_encoder_backend {
    const char *name; /* of the codec library's encoder, unique in the table */
    uint32_t codec;
    bool hardware; /* it runs in a driver: called through encoder_guard.h alone */
    /* CHALK_OK, CHALK_ERR_UNSUPPORTED (not in this build), CHALK_ERR_CODEC (failed to open). */
    int (*open)(const ck_encoder_config *config, const ck_log *log, ck_encoder **out);
    int (*info)(ck_encoder *e, ck_encoder_info *info);
    /* I420 of the configured size. `pts_us` never decreases. key: make this a key frame (IDR). */
    int (*send_video)(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key);
    /* 48 kHz, configured channels, any count of frames: the encoder cuts them up itself. */
    int (*send_audio)(ck_encoder *e, const ck_audio_block *block);
    int (*drain)(ck_encoder *e); /* no more input; receive until CHALK_ERR_END */
    int (*receive)(ck_encoder *e, ck_packet *out);
    int (*set_bitrate)(ck_encoder *e, uint32_t kbps); /* from the next frame on */
    /* By how many steps of quality (6 halve the bits) the next picture alone is to be coded better
     * than the rate says. NULL: a codec that cannot. */
    void (*set_finer)(ck_encoder *e, uint32_t steps);
    /* The same. INVALID_ARGUMENT. NULL: a codec that can do nothing about it. */
    int (*set_network)(ck_encoder *e, const ck_encoder_network *network);
    void (*close)(ck_encoder **e);
} ck_encoder_backend;

typedef struct ck_decoder ck_decoder;

typedef struct ck_decoder_backend {
    const char *name;
    uint32_t codec;
    int (*open)(uint32_t codec, ck_slice config, const ck_log *log, ck_decoder **out);
    /* A packet with `config` set replaces the configuration in mid-stream. Broken media gives
     * CHALK_ERR_BAD_DATA; the decoder goes on with the next packet. */
    int (*send)(ck_decoder *d, const ck_packet *packet);
    int (*receive_video)(ck_decoder *d, chalk_video_frame **out); /* I420 */
    /* 48 kHz stereo; samples borrowed until the next call on the decoder. */
    int (*receive_audio)(ck_decoder *d, ck_audio_block *out);
    /* `frames` samples per channel at 48 kHz that were to be heard at `pts_us` are lost: makes up
     * something for receive_audio. next: the packet behind the gap when it is there already, for
     * codecs whose packets carry the one before; it is sent as usual after that. AGAIN,
     * INVALID_ARGUMENT, BAD_DATA. NULL: the codec cannot. */
    int (*conceal)(ck_decoder *d, const ck_packet *next, int64_t pts_us, uint32_t frames);
    int (*drain)(ck_decoder *d);
    void (*reset)(ck_decoder *d); /* forget everything before the next key frame */
    void (*close)(ck_decoder **d);
} ck_decoder_backend;

/* Converts and scales any accepted frame to I420 of a fixed size, black bars keep the shape. */
typedef struct ck_converter ck_converter;
/* Brings any sound to 48 kHz and a fixed channel count. */
typedef struct ck_resampler ck_resampler;

/* A file being written (or, by extension of the name: .mp4, .flv, .mkv). Used by one thread. */
typedef struct ck_muxer ck_muxer;

typedef struct ck_muxer_track {
    uint32_t codec;
    ck_slice config;         /* borrowed during open */
    int32_t width, height;   /* video; 0: taken from the configuration. VP8's has none: required */
    uint32_t rate, channels; /* audio; 0: taken from the configuration */
} ck_muxer_track;

/* Takes a segment of HLS apart: MPEG-TS, fragmented MP4 with its initialisation section in front,
 * or packed AAC; which of them it is shows in the bytes. One demuxer for each segment. */
typedef struct ck_demuxer ck_demuxer;

/* What the times in a segment are worth beyond it. */
typedef enum ck_demuxer_stamps {
    CK_STAMPS_KEPT,  /* they go on in the next segment */
    CK_STAMPS_WRAP,  /* the same, as 33 bits of 90 kHz */
    CK_STAMPS_ALONE, /* each segment begins at 0 */
} ck_demuxer_stamps;

#define CK_DEMUXER_BYTES_MAX (32u << 20)

typedef struct ck_codec_set {
    const ck_encoder_backend *const *encoders; /* in order of preference; NULL ends it */
    const ck_decoder_backend *const *decoders;
    int (*converter_open)(int32_t width, int32_t height, ck_converter **out);
    /* `out` gets a new frame (or one more reference to `in` when nothing needs doing); times,
     * colour tag and scaled damage are carried over. changed: what differs from the picture that
     * was converted before; NULL: everything. Where nobody holds the frame given out then, only
     * that is converted, into the same memory. */
    int (*convert)(ck_converter *c, chalk_video_frame *in, const ck_damage *changed,
                   chalk_video_frame **out);
    void (*converter_close)(ck_converter **c);
    int (*resampler_open)(uint32_t channels, ck_resampler **out);
    /* `out` is borrowed until the next call; CHALK_ERR_AGAIN when nothing came out yet. */
    int (*resample)(ck_resampler *r, const ck_audio_block *in, ck_audio_block *out);
    void (*resampler_close)(ck_resampler **r);
    /* Whether a file of this name can hold the codec; false for an unknown extension too. */
    bool (*muxer_carries)(const char *path, uint32_t codec);
    /* CHALK_ERR_UNSUPPORTED for what it does not carry; IO, NO_PERMISSION, NO_SPACE. A file cut
     * short by a kill or a full disk stays playable up to there (fragmented MP4). */
    int (*muxer_open)(const char *path, const ck_muxer_track *tracks, size_t count, ck_muxer **out);
    int (*muxer_write)(ck_muxer *m, size_t track, const ck_packet *packet);
    int (*muxer_close)(ck_muxer **m); /* completes the file; its status may be NO_SPACE */
    int (*demuxer_open)(const ck_log *log, ck_demuxer **out); /* NO_MEMORY */
    /* Copies. TOO_LARGE above CK_DEMUXER_BYTES_MAX, NO_MEMORY, BAD_STATE after the end. */
    int (*demuxer_send)(ck_demuxer *d, const void *data, size_t size);
    /* All was sent. BAD_DATA (neither of the formats, or nothing in it), NO_MEMORY. */
    int (*demuxer_end)(ck_demuxer *d);
    /* AGAIN before the end of sending. A configuration comes before the first packet that needs it;
     * times are the segment's own. END (also where a segment is cut short), CODEC_UNKNOWN and
     * `refused` names the codec, valid until close; TOO_LARGE for more frames in a packet of the
     * container than anybody sends. Other tracks than the first of each medium are
     * passed over. */
    int (*demuxer_receive)(ck_demuxer *d, uint32_t *media, ck_packet *out, const char **refused);
    ck_demuxer_stamps (*demuxer_stamps)(const ck_demuxer *d); /* after the end of sending */
    void (*demuxer_close)(ck_demuxer **d);
    /* A picture's file (PNG, JPEG, WebP), of which `probe` says what it says itself (core/asset).
     * It can take no more memory than that. `pixels`: probe->high rows of `stride` bytes, each
     * pixel one 32-bit number, alpha, red, green, blue from the highest byte on, colours multiplied
     * by alpha, as Cairo has it. The first picture of several is taken; how a camera was held
     * (EXIF) is not looked at. Any thread. UNSUPPORTED: a deck, or no decoder is built in;
     * BAD_DATA: damaged, or another size than it said; NO_MEMORY. */
    int (*decode_image)(ck_bytes file, const ck_asset_probe *probe, uint8_t *pixels, size_t stride);
} ck_codec_set;

/* Defined in sdk/codec. */
extern const ck_codec_set ck_codecs;

#endif
