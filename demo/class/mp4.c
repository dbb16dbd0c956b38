#include "class/mp4.h"

#include <stdio.h>
#include <string.h>

#define TRACKS_MAX 16
#define DEPTH_MAX  8

#define BOX(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

typedef struct reader {
    FILE *file;
    uint32_t ids[TRACKS_MAX]; /* track ids in the order of the movie box */
    uint32_t types[TRACKS_MAX];
    uint32_t track_count;
    uint32_t fragment_track; /* id that the fragment in hand belongs to */
    bool is_mp4;
    mp4_content *content;
} reader;

static bool read_u32(reader *r, uint32_t *out)
{
    uint8_t b[4];
    if (fread(b, 1, sizeof b, r->file) != sizeof b) {
        return false;
    }
    *out = BOX(b[0], b[1], b[2], b[3]);
    return true;
}

/* A 32-bit field at a distance from where a box's payload begins. */
static bool read_field(reader *r, int64_t payload, int64_t distance, uint32_t *out)
{
    return fseeko(r->file, (off_t)(payload + distance), SEEK_SET) == 0 && read_u32(r, out);
}

static void count(reader *r, uint32_t type, uint32_t samples)
{
    if (type == BOX('a', 'v', 'c', '1')) {
        r->content->video_samples += samples;
    } else if (type == BOX('m', 'p', '4', 'a')) {
        r->content->audio_samples += samples;
    }
}

static uint32_t type_of_track(const reader *r, uint32_t id)
{
    for (uint32_t i = 0; i < r->track_count; i++) {
        if (r->ids[i] == id) {
            return r->types[i];
        }
    }
    return 0;
}

/* Boxes with fields of interest; distances are those of 14496-12, sections 8.3.2, 8.5.2, 8.7.3,
 * 8.8.7 and 8.8.8. */
static bool read_box(reader *r, uint32_t type, int64_t payload)
{
    uint32_t value = 0;
    uint32_t newest = r->track_count > 0 ? r->track_count - 1 : 0;
    switch (type) {
    case BOX('f', 't', 'y', 'p'):
        r->is_mp4 = true;
        return true;
    case BOX('t', 'k', 'h', 'd'): {
        uint32_t version = 0;
        if (r->track_count == TRACKS_MAX || !read_field(r, payload, 0, &version) ||
            !read_field(r, payload, version >> 24 == 1 ? 20 : 12, &value)) {
            return false;
        }
        r->ids[r->track_count++] = value;
        return true;
    }
    case BOX('s', 't', 's', 'd'):
        return r->track_count > 0 && read_field(r, payload, 12, &r->types[newest]);
    case BOX('s', 't', 's', 'z'):
        if (r->track_count == 0 || !read_field(r, payload, 8, &value)) {
            return false;
        }
        count(r, r->types[newest], value);
        return true;
    case BOX('t', 'f', 'h', 'd'):
        return read_field(r, payload, 4, &r->fragment_track);
    case BOX('t', 'r', 'u', 'n'):
        if (!read_field(r, payload, 4, &value)) {
            return false;
        }
        count(r, type_of_track(r, r->fragment_track), value);
        return true;
    default:
        return true;
    }
}

static bool is_container(uint32_t type)
{
    static const uint32_t containers[] = {
        BOX('m', 'o', 'o', 'v'), BOX('t', 'r', 'a', 'k'), BOX('m', 'd', 'i', 'a'),
        BOX('m', 'i', 'n', 'f'), BOX('s', 't', 'b', 'l'), BOX('m', 'o', 'o', 'f'),
        BOX('t', 'r', 'a', 'f'),
    };
    for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++) {
        if (containers[i] == type) {
            return true;
        }
    }
    return false;
}

/* The header at `at`: where the payload begins and the box ends. */
static bool read_header(reader *r, int64_t at, int64_t limit, uint32_t *type, int64_t *payload,
                        int64_t *end)
{
    uint32_t size = 0, high = 0, low = 0;
    if (!read_field(r, at, 0, &size) || !read_u32(r, type)) {
        return false;
    }
    *payload = at + 8;
    uint64_t length = size;
    if (size == 1) {
        if (!read_u32(r, &high) || !read_u32(r, &low)) {
            return false;
        }
        length = (uint64_t)high << 32 | low;
        *payload = at + 16;
    }
    int64_t room = limit - at;
    *end = size == 0 || length > (uint64_t)room ? limit : at + (int64_t)length;
    return *end >= *payload;
}

static bool walk(reader *r, int64_t at, int64_t limit, int depth)
{
    while (at + 8 <= limit) {
        uint32_t type = 0;
        int64_t payload = 0, end = 0;
        if (!read_header(r, at, limit, &type, &payload, &end)) {
            return false;
        }
        bool fine = is_container(type) ? depth < DEPTH_MAX && walk(r, payload, end, depth + 1)
                                       : read_box(r, type, payload);
        if (!fine) {
            return false;
        }
        at = end;
    }
    return true;
}

bool mp4_read(const char *path, mp4_content *out)
{
    memset(out, 0, sizeof *out);
    reader r = {.file = fopen(path, "rb"), .content = out};
    if (r.file == NULL) {
        return false;
    }
    if (fseeko(r.file, 0, SEEK_END) == 0) {
        /* What cannot be read is where the file was cut: the count up to there stands. */
        (void)walk(&r, 0, (int64_t)ftello(r.file), 0);
    }
    fclose(r.file);
    return r.is_mp4;
}
