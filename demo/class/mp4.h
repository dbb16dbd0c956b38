/* What an MP4 file holds, by its boxes (ISO/IEC 14496-12), fragments included: enough to tell that
 * a recording has both its streams. */
#ifndef DEMO_CLASS_MP4_H
#define DEMO_CLASS_MP4_H

#include <stdbool.h>
#include <stdint.h>

typedef struct mp4_content {
    uint64_t video_samples; /* of tracks with H.264 ("avc1") */
    uint64_t audio_samples; /* of tracks with MPEG-4 audio ("mp4a") */
} mp4_content;

/* False when the file cannot be read or is no MP4. A file that is cut short counts up to there. */
bool mp4_read(const char *path, mp4_content *out);

#endif
