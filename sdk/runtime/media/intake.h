/*
 * The first step of whatever receives a stream: tags to packets on a time line that does not wrap,
 * and what there is to tell about the stream. Zero is one that nothing came to. One thread.
 */
#ifndef CK_MEDIA_INTAKE_H
#define CK_MEDIA_INTAKE_H

#include "core/flv/tag.h"
#include "runtime/media/packet.h"

#define CK_INTAKE_SHAPE_MAX 64

typedef struct ck_intake {
    bool has_time;
    uint32_t last_ms;
    int64_t extended_ms;
    uint32_t sound_us;      /* duration of a packet of sound; 0: unknown, or it says itself */
    uint32_t width, height; /* as the newest configuration has it; 0: unknown */
    char video_shape[CK_INTAKE_SHAPE_MAX], audio_shape[CK_INTAKE_SHAPE_MAX];
    char told[2 * CK_INTAKE_SHAPE_MAX];
} ck_intake;

/* Another connection: its time line may start anew. */
void ck_intake_restart(ck_intake *in);
/* As ck_packet_of_tag, with times that do not wrap. */
int ck_intake_tag(ck_intake *in, const ck_flv_tag *tag, uint32_t *media, ck_packet *out,
                  const char **refused);
/* Where a time stamp lies on the line; there is one (has_time). */
int64_t ck_intake_time_us(const ck_intake *in, uint32_t timestamp_ms);
/* A configuration came. Returns what is received by now, such as "H.264 1280x720, AAC 48000 Hz",
 * borrowed until the next one; NULL: it was told before. */
const char *ck_intake_describe(ck_intake *in, uint32_t media, const ck_packet *config);
/* How long a packet of sound lasts; 0: unknown. */
uint32_t ck_intake_sound_us(const ck_intake *in, const ck_packet *packet);

#endif
