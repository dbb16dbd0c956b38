#include "support/sink.h"

#include "support/marks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static ck_test_picture describe(const chalk_video_frame *frame)
{
    const chalk_video_info *info = &frame->info;
    ck_test_picture p = {
        .capture_us = info->capture_us,
        .given_us = ck_clock_us(),
        .width = info->width,
        .height = info->height,
        .format = info->format,
        .damage_count = info->damage_count,
    };
    if (info->damage_count > 0) {
        p.damage = info->damage[0];
    }
    if (info->format == CHALK_PIXEL_I420) {
        const ck_marks_view view = {info->planes[0], info->strides[0], info->width, info->height,
                                    0};
        p.marked = ck_marks_read(&view, &p.number, &p.room_us);
        p.flash = ck_marks_flash(&view);
    }
    return p;
}

static void take_video(void *user, chalk_video_frame *frame)
{
    ck_test_sink *s = user;
    ck_test_picture p = describe(frame);
    pthread_mutex_lock(&s->lock);
    if (s->pictures_count < CK_TEST_PICTURES_MAX) {
        s->pictures[s->pictures_count++] = p;
    }
    chalk_video_frame *older = s->newest;
    s->newest = frame;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    chalk_video_frame_unref(&older);
}

static void take_audio(void *user, const ck_audio_block *block)
{
    ck_test_sink *s = user;
    pthread_mutex_lock(&s->lock);
    if (s->blocks_count < CK_TEST_BLOCKS_MAX) {
        s->blocks[s->blocks_count++] =
            (ck_test_block){block->capture_us, ck_clock_us(),   block->frames,
                            block->rate,       block->channels, s->samples_count};
    }
    for (uint32_t i = 0; i < block->frames && s->samples_count < CK_TEST_SAMPLES_MAX; i++) {
        s->samples[s->samples_count++] = block->samples[i * block->channels];
    }
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void take_notice(void *user, int what, int status, const char *text)
{
    ck_test_sink *s = user;
    pthread_mutex_lock(&s->lock);
    if (s->notices_count < CK_TEST_NOTICES_MAX) {
        ck_test_notice *n = &s->notices[s->notices_count++];
        n->what = what;
        n->status = status;
        n->given_us = ck_clock_us();
        snprintf(n->text, sizeof n->text, "%s", text);
    }
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void take_pointer(void *user, const ck_source_pointer *pointer)
{
    ck_test_sink *s = user;
    pthread_mutex_lock(&s->lock);
    if (s->pointers_count < CK_TEST_POINTERS_MAX) {
        s->pointers[s->pointers_count++] = (ck_test_pointer){
            .visible = pointer->visible,
            .x = pointer->x,
            .y = pointer->y,
            .shape = pointer->shape != NULL ? *pointer->shape : (ck_shape){0},
            .bgra = pointer->shape != NULL ? ck_load_le32(pointer->shape->bgra) : 0,
            .given_us = ck_clock_us(),
        };
        s->pointers[s->pointers_count - 1].shape.bgra = NULL;
    }
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

ck_test_sink *ck_test_sink_create(void)
{
    ck_test_sink *s = calloc(1, sizeof *s);
    if (s == NULL) {
        abort();
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&s->lock, NULL);
    s->sink = (ck_source_sink){take_video, take_audio, take_notice, take_pointer, s};
    return s;
}

void ck_test_sink_destroy(ck_test_sink **sink)
{
    ck_test_sink *s = *sink;
    chalk_video_frame_unref(&s->newest);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
    *sink = NULL;
}

static struct timespec deadline_in(unsigned ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

static bool wait_count(ck_test_sink *s, const size_t *counter, size_t count, unsigned ms)
{
    struct timespec deadline = deadline_in(ms);
    pthread_mutex_lock(&s->lock);
    while (*counter < count &&
           pthread_cond_timedwait(&s->changed, &s->lock, &deadline) != ETIMEDOUT) {
    }
    bool reached = *counter >= count;
    pthread_mutex_unlock(&s->lock);
    return reached;
}

bool ck_test_sink_wait_pointers(ck_test_sink *s, size_t count, unsigned ms)
{
    return wait_count(s, &s->pointers_count, count, ms);
}

bool ck_test_sink_wait_pictures(ck_test_sink *s, size_t count, unsigned ms)
{
    return wait_count(s, &s->pictures_count, count, ms);
}

bool ck_test_sink_wait_blocks(ck_test_sink *s, size_t count, unsigned ms)
{
    return wait_count(s, &s->blocks_count, count, ms);
}

static bool find_notice(const ck_test_sink *s, size_t seen, int what, ck_test_notice *out)
{
    for (size_t i = seen; i < s->notices_count; i++) {
        if (s->notices[i].what == what) {
            *out = s->notices[i];
            return true;
        }
    }
    return false;
}

bool ck_test_sink_wait_notice(ck_test_sink *s, size_t seen, int what, unsigned ms,
                              ck_test_notice *out)
{
    struct timespec deadline = deadline_in(ms);
    pthread_mutex_lock(&s->lock);
    bool found = find_notice(s, seen, what, out);
    while (!found && pthread_cond_timedwait(&s->changed, &s->lock, &deadline) != ETIMEDOUT) {
        found = find_notice(s, seen, what, out);
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

static size_t read_count(ck_test_sink *s, const size_t *counter)
{
    pthread_mutex_lock(&s->lock);
    size_t count = *counter;
    pthread_mutex_unlock(&s->lock);
    return count;
}

size_t ck_test_sink_pictures(ck_test_sink *s)
{
    return read_count(s, &s->pictures_count);
}

size_t ck_test_sink_blocks(ck_test_sink *s)
{
    return read_count(s, &s->blocks_count);
}

size_t ck_test_sink_samples(ck_test_sink *s)
{
    return read_count(s, &s->samples_count);
}

size_t ck_test_sink_notices(ck_test_sink *s)
{
    return read_count(s, &s->notices_count);
}

chalk_video_frame *ck_test_sink_newest(ck_test_sink *s)
{
    pthread_mutex_lock(&s->lock);
    chalk_video_frame *frame = chalk_video_frame_ref(s->newest);
    pthread_mutex_unlock(&s->lock);
    return frame;
}

void ck_test_sleep_ms(unsigned ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    while (nanosleep(&t, &t) != 0 && errno == EINTR) {
    }
}
