#include "support/v4l2_recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add_format(ck_recording *r, const char *name, ck_recorded_mode *at)
{
    if (strlen(name) != 4) {
        return false;
    }
    *at = (ck_recorded_mode){0};
    for (int i = 3; i >= 0; i--) {
        at->fourcc = at->fourcc << 8 | (uint8_t)name[i];
    }
    return r->count < CK_RECORDING_MODES_MAX;
}

/* A size stands in the list by itself until the first rate replaces it. */
static bool add(ck_recording *r, const ck_recorded_mode *mode)
{
    if (r->count == CK_RECORDING_MODES_MAX) {
        return false;
    }
    r->modes[r->count++] = *mode;
    return true;
}

static bool add_size(ck_recording *r, const char *text, ck_recorded_mode *at)
{
    uint32_t *s = at->size;
    memset(s, 0, sizeof at->size);
    memset(at->rate, 0, sizeof at->rate);
    int got = sscanf(text, "%u %u %u %u %u %u", &s[0], &s[1], &s[2], &s[3], &s[4], &s[5]);
    return (got == 2 || got == 6) && add(r, at);
}

static bool add_rate(ck_recording *r, const char *text, ck_recorded_mode *at)
{
    bool first = at->rate[1] == 0;
    uint32_t *f = at->rate;
    memset(f, 0, sizeof at->rate);
    int got = sscanf(text, "%u %u %u %u", &f[0], &f[1], &f[2], &f[3]);
    if (first && r->count > 0) {
        r->count--; /* the size without a rate */
    }
    return (got == 2 || got == 4) && add(r, at);
}

static bool read_line(ck_recording *r, const char *line, ck_recorded_mode *at)
{
    char word[16] = "";
    int used = 0;
    if (line[0] == '#' || line[0] == '\0') {
        return true;
    }
    if (sscanf(line, "%15s %n", word, &used) != 1) {
        return false;
    }
    const char *rest = line + used;
    if (strcmp(word, "card") == 0) {
        snprintf(r->card, sizeof r->card, "%s", rest);
        return true;
    }
    if (strcmp(word, "bus") == 0) {
        snprintf(r->bus, sizeof r->bus, "%s", rest);
        return true;
    }
    if (strcmp(word, "caps") == 0) {
        return sscanf(rest, "%x %x", &r->caps, &r->device_caps) == 2;
    }
    if (strcmp(word, "color") == 0) {
        return sscanf(rest, "%u %u %u", &r->colorspace, &r->ycbcr_enc, &r->quantization) == 3;
    }
    return strcmp(word, "format") == 0 ? add_format(r, rest, at)
           : strcmp(word, "size") == 0 ? add_size(r, rest, at)
           : strcmp(word, "rate") == 0 ? add_rate(r, rest, at)
                                       : false;
}

bool ck_recording_parse(const char *text, ck_recording *out)
{
    ck_recorded_mode at = {0};
    char line[256];
    *out = (ck_recording){0};
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (length >= sizeof line) {
            return false;
        }
        memcpy(line, text, length);
        line[length] = '\0';
        if (!read_line(out, line, &at)) {
            return false;
        }
        text += length + (text[length] == '\n');
    }
    return out->card[0] != '\0';
}

void ck_recording_load(const char *folder, const char *name, ck_recording *out)
{
    char path[512], text[65536];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    size_t size = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    if (!ck_recording_parse(text, out)) {
        fprintf(stderr, "%s is no recording of a camera\n", path);
        exit(2);
    }
}

const ck_recorded_mode *ck_recording_format(const ck_recording *r, uint32_t index)
{
    for (size_t i = 0; i < r->count; i++) {
        bool new_one = i == 0 || r->modes[i].fourcc != r->modes[i - 1].fourcc;
        if (new_one && index-- == 0) {
            return &r->modes[i];
        }
    }
    return NULL;
}

static bool same_size(const ck_recorded_mode *a, const ck_recorded_mode *b)
{
    return a->fourcc == b->fourcc && memcmp(a->size, b->size, sizeof a->size) == 0;
}

const ck_recorded_mode *ck_recording_size(const ck_recording *r, uint32_t fourcc, uint32_t index)
{
    for (size_t i = 0; i < r->count; i++) {
        bool new_one = i == 0 || !same_size(&r->modes[i], &r->modes[i - 1]);
        if (r->modes[i].fourcc == fourcc && new_one && index-- == 0) {
            return &r->modes[i];
        }
    }
    return NULL;
}

static bool has_size(const ck_recorded_mode *m, uint32_t width, uint32_t height)
{
    const uint32_t *s = m->size;
    if (s[2] == 0) {
        return s[0] == width && s[1] == height;
    }
    return width >= s[0] && width <= s[2] && height >= s[1] && height <= s[3];
}

const ck_recorded_mode *ck_recording_rate(const ck_recording *r, uint32_t fourcc, uint32_t width,
                                          uint32_t height, uint32_t index)
{
    for (size_t i = 0; i < r->count; i++) {
        const ck_recorded_mode *m = &r->modes[i];
        if (m->fourcc == fourcc && has_size(m, width, height) && m->rate[1] != 0 && index-- == 0) {
            return m;
        }
    }
    return NULL;
}
