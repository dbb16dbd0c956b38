/*
 * What the tests of the media graph share: a short stream made by real encoders from pictures and
 * sound that carry their own time (chalkrail/source.h's opening comment), as packets and as tags.
 */
#ifndef CK_TESTS_MEDIA_SUPPORT_H
#define CK_TESTS_MEDIA_SUPPORT_H

#include "core/flv/tag.h"
#include "runtime/media/codec.h"

#define MATERIAL_FPS        25
#define MATERIAL_PACKETS    1024
#define MATERIAL_ROOM_US    UINT64_C(1700000000000000) /* room time of presentation time 0 */
#define MATERIAL_PICTURE_US (1000000 / MATERIAL_FPS)

/* Pictures n at n/25 s, a key frame each second with a stamp; a click at each whole second. */
typedef struct material {
    ck_packet video_config, audio_config;
    ck_packet video[MATERIAL_PACKETS], audio[MATERIAL_PACKETS];
    size_t video_count, audio_count;
} material;

/* Pictures number `first`, first + 1, ... A static or heap object: it is large. */
void material_make(material *m, int32_t width, int32_t height, int seconds);
void material_free(material *m);

/* A tag of a packet whose time is moved by `shift_us`; one reference. */
ck_flv_tag material_tag(const ck_packet *packet, int64_t shift_us);

/* Luma of a decoded picture: its number and room time; false when it cannot be read. */
bool material_read(const chalk_video_frame *frame, uint64_t *number, uint64_t *room_us);
/* As ck_marks_flash. */
int material_flash(const chalk_video_frame *frame);

void media_sleep_until(uint64_t clock_us);
/* Waits until the condition holds; false after `ms`. */
bool media_wait(bool (*condition)(void *arg), void *arg, int ms);

#endif
