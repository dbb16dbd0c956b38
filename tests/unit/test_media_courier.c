/* Queues of packets, and the two that take from them: couriers and recorders. */
#include "media_support.h"

#include "base/check.h"
#include "runtime/media/courier.h"
#include "runtime/media/packet_queue.h"
#include "runtime/media/recorder.h"
#include "support/check.h"
#include "support/folder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static ck_packet packet_of(bool key, bool config, size_t size)
{
    static const uint8_t bytes[1 << 16];
    return (ck_packet){.codec = CHALK_CODEC_H264,
                       .key = key,
                       .config = config,
                       .payload = ck_slice_static(bytes, size)};
}

/* --- the queue -------------------------------------------------------------------------------- */

CK_TEST(media_queue, is_bounded_and_drops_whole_groups_of_pictures)
{
    ck_packet_queue q;
    CK_CHECK_EQ(ck_packet_queue_init(&q, 3, 1000), CHALK_OK);
    static const struct {
        uint32_t media;
        bool key, config;
        size_t size;
        bool put;
    } rows[] = {
        {CHALK_MEDIA_VIDEO, true, true, 10, true}, /* a configuration always fits */
        {CHALK_MEDIA_VIDEO, true, false, 300, true},
        {CHALK_MEDIA_VIDEO, false, false, 800, false}, /* bytes */
        {CHALK_MEDIA_VIDEO, false, false, 1, false},   /* would fit, but refers to the last */
        {CHALK_MEDIA_AUDIO, true, false, 10, true},    /* the packet limit is reached */
        {CHALK_MEDIA_VIDEO, true, false, 10, false},
        {CHALK_MEDIA_AUDIO, true, false, 1, false},
        {CHALK_MEDIA_AUDIO, true, true, 2000, true},
    };
    uint64_t dropped = 0;
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_packet packet = packet_of(rows[i].key, rows[i].config, rows[i].size);
        CK_CHECK_ROW(i, ck_packet_queue_put(&q, rows[i].media, &packet) == rows[i].put);
        dropped += !rows[i].put;
        CK_CHECK_ROW(i, q.dropped == dropped);
    }
    uint32_t media;
    ck_packet out;
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        if (rows[i].put) {
            CK_CHECK_ROW(i, ck_packet_queue_take(&q, &media, &out));
            CK_CHECK_ROW(i, media == rows[i].media && out.payload.size == rows[i].size);
        }
    }
    CK_CHECK(!ck_packet_queue_take(&q, &media, &out));
    CK_CHECK_EQ(q.bytes, 0);
    ck_packet next = packet_of(false, false, 1);
    CK_CHECK(!ck_packet_queue_put(&q, CHALK_MEDIA_VIDEO, &next));
    next.key = true;
    CK_CHECK(ck_packet_queue_put(&q, CHALK_MEDIA_VIDEO, &next));
    ck_packet_queue_free(&q);
}

/* --- the courier ------------------------------------------------------------------------------ */

typedef struct receiver {
    pthread_mutex_t gate; /* held by the test: deliveries wait */
    atomic_int delivered, ended, status;
    int fail_at; /* the delivery (from 1) that fails; 0: none */
} receiver;

static int deliver(void *user, uint32_t media, const ck_packet *packet)
{
    receiver *r = user;
    (void)media;
    (void)packet;
    pthread_mutex_lock(&r->gate);
    int number = atomic_fetch_add(&r->delivered, 1) + 1;
    pthread_mutex_unlock(&r->gate);
    return number == r->fail_at ? CHALK_ERR_IO : CHALK_OK;
}

static void ended(void *user, int status)
{
    receiver *r = user;
    atomic_store(&r->status, status);
    atomic_fetch_add(&r->ended, 1);
}

static bool has_ended(void *arg)
{
    return atomic_load(&((receiver *)arg)->ended) > 0;
}

CK_TEST(media_courier, what_does_not_fit_is_counted_and_the_rest_arrives)
{
    receiver r = {.gate = PTHREAD_MUTEX_INITIALIZER};
    const ck_courier_host host = {deliver, ended, &r};
    ck_courier *c = NULL;
    CK_CHECK_EQ(ck_courier_create("test", &host, &c), CHALK_OK);
    pthread_mutex_lock(&r.gate);
    enum { COUNT = CK_COURIER_PACKETS + 100 };
    ck_packet packet = packet_of(true, false, 100);
    for (int i = 0; i < COUNT; i++) {
        ck_courier_put(c, CHALK_MEDIA_AUDIO, &packet);
    }
    uint64_t dropped = ck_courier_dropped(c);
    CK_CHECK(dropped == 100 || dropped == 99); /* one may be in the receiver's hands */
    pthread_mutex_unlock(&r.gate);
    ck_courier_finish(c);
    CK_CHECK(media_wait(has_ended, &r, 10000));
    CK_CHECK_EQ(atomic_load(&r.status), CHALK_OK);
    CK_CHECK_EQ(atomic_load(&r.delivered), COUNT - (int)dropped);
    ck_courier_put(c, CHALK_MEDIA_AUDIO, &packet); /* too late */
    CK_CHECK_EQ(ck_courier_dropped(c), dropped + 1);
    ck_courier_destroy(&c);
    CK_CHECK_EQ(atomic_load(&r.ended), 1);
}

CK_TEST(media_courier, a_failure_ends_it_once_and_keeps_nothing)
{
    receiver r = {.gate = PTHREAD_MUTEX_INITIALIZER, .fail_at = 3};
    const ck_courier_host host = {deliver, ended, &r};
    ck_courier *c = NULL;
    CK_CHECK_EQ(ck_courier_create("test", &host, &c), CHALK_OK);
    ck_packet packet = packet_of(true, false, 100);
    ck_slice counted = ck_slice_copy(&ck_heap, "bytes", 5); /* a leak of it would be reported */
    packet.payload = counted;
    pthread_mutex_lock(&r.gate);
    for (int i = 0; i < 10; i++) {
        ck_courier_put(c, CHALK_MEDIA_VIDEO, &packet);
    }
    pthread_mutex_unlock(&r.gate);
    CK_CHECK(media_wait(has_ended, &r, 10000));
    CK_CHECK_EQ(atomic_load(&r.status), CHALK_ERR_IO);
    CK_CHECK_EQ(atomic_load(&r.delivered), 3);
    CK_CHECK_EQ(ck_courier_dropped(c), 7);
    ck_courier_put(c, CHALK_MEDIA_VIDEO, &packet);
    CK_CHECK_EQ(ck_courier_dropped(c), 8);
    ck_courier_destroy(&c);
    ck_courier_destroy(&c);
    CK_CHECK_EQ(atomic_load(&r.ended), 1);
    ck_slice_unref(&counted);
}

/* --- the recorder ----------------------------------------------------------------------------- */

typedef struct recording {
    atomic_int began, ended, status;
} recording;

static void record_began(void *user)
{
    atomic_fetch_add(&((recording *)user)->began, 1);
}

static void record_ended(void *user, int status)
{
    recording *r = user;
    atomic_store(&r->status, status);
    atomic_fetch_add(&r->ended, 1);
}

static bool record_is_over(void *arg)
{
    return atomic_load(&((recording *)arg)->ended) > 0;
}

static int open_recorder(const char *path, recording *r, ck_recorder **out)
{
    const ck_recorder_config config = {
        .codecs = &ck_codecs,
        .path = path,
        .has_video = true,
        .has_audio = true,
        .began = record_began,
        .ended = record_ended,
        .user = r,
    };
    return ck_recorder_create(&config, out);
}

static material m;

/* Everything of the material up to `end_us`, in the order of its times, moved by `shift_us`. */
static void put_material(ck_recorder *r, int64_t begin_us, int64_t end_us, int64_t shift_us)
{
    size_t v = 0, a = 0;
    while (v < m.video_count || a < m.audio_count) {
        bool video =
            v < m.video_count && (a == m.audio_count || m.video[v].dts_us <= m.audio[a].dts_us);
        ck_packet packet = video ? m.video[v++] : m.audio[a++];
        if (packet.dts_us >= begin_us && packet.dts_us < end_us) {
            packet.dts_us += shift_us;
            packet.pts_us += shift_us;
            ck_recorder_put(r, video ? CHALK_MEDIA_VIDEO : CHALK_MEDIA_AUDIO, &packet);
        }
    }
}

static void put_configs(ck_recorder *r)
{
    ck_recorder_put(r, CHALK_MEDIA_VIDEO, &m.video_config);
    ck_recorder_put(r, CHALK_MEDIA_AUDIO, &m.audio_config);
}

CK_TEST(media_recorder, paths_that_cannot_be_written_are_refused_by_name)
{
    static const struct {
        const char *path;
        int status;
    } rows[] = {
        {"/tmp/chalk-none.avi", CHALK_ERR_UNSUPPORTED},
        {"/tmp/chalk-none", CHALK_ERR_UNSUPPORTED},
        {"/nonexistent/folder/a.mp4", CHALK_ERR_IO},
        {"/dev/a.mp4/b.mp4", CHALK_ERR_IO},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        recording r = {0};
        ck_recorder *recorder = NULL;
        CK_CHECK_ROW(i, open_recorder(rows[i].path, &r, &recorder) == rows[i].status);
        CK_CHECK_ROW(i, recorder == NULL && atomic_load(&r.ended) == 0);
    }
}

/* Asks ffprobe for the times (in seconds) of a stream's packets. */
static size_t probe(const char *path, const char *stream, double *times, size_t most)
{
    char command[512];
    snprintf(command, sizeof command,
             "ffprobe -v error -select_streams %s -show_entries packet=dts_time -of csv=p=0 %s",
             stream, path);
    FILE *pipe = popen(command, "r");
    CK_CHECK(pipe != NULL);
    char line[64];
    size_t count = 0;
    while (fgets(line, sizeof line, pipe) != NULL && count < most) {
        times[count++] = strtod(line, NULL);
    }
    CK_CHECK_EQ(pclose(pipe), 0);
    return count;
}

CK_TEST(media_recorder, begins_with_a_key_frame_and_outlives_a_break_of_the_time_line)
{
    static const char *const endings[] = {"mp4", "flv", "mkv"};
    static const int64_t new_line_us[] = {-900000000, 0, 3600000000}; /* where the second half is */
    material_make(&m, 320, 180, 4);
    for (size_t i = 0; i < CK_COUNT_OF(endings); i++) {
        char folder[CK_TEST_FOLDER_MAX], path[64];
        ck_test_folder(folder);
        snprintf(path, sizeof path, "%s/out.%s", folder, endings[i]);
        recording r = {0};
        ck_recorder *recorder = NULL;
        CK_CHECK_EQ(open_recorder(path, &r, &recorder), CHALK_OK);
        put_configs(recorder);
        put_material(recorder, 500000, 2500000, 1000000000); /* from the middle of a GOP on */
        put_material(recorder, 2500000, 4000000, 1000000000 + new_line_us[i]);
        ck_recorder_finish(recorder);
        CK_CHECK(media_wait(record_is_over, &r, 10000));
        CK_CHECK_EQ(atomic_load(&r.status), CHALK_OK);
        CK_CHECK_EQ(atomic_load(&r.began), 1);
        CK_CHECK_EQ(ck_recorder_dropped(recorder), 0);
        ck_recorder_destroy(&recorder);
        static double times[1000];
        /* Pictures 25 (the first key frame) to 62, then from the next key frame (75) on where the
         * line broke, at once where it did not. */
        size_t expected = new_line_us[i] == 0 ? 75 : 63;
        size_t count = probe(path, "v", times, CK_COUNT_OF(times));
        CK_CHECK_ROW(i, count == expected);
        CK_CHECK_ROW(i, times[0] < 0.05 && times[count - 1] < 3.2 && times[count - 1] > 2.4);
        for (size_t k = 1; k < count; k++) {
            CK_CHECK_ROW(i, times[k] - times[k - 1] > 0.02 && times[k] - times[k - 1] < 0.7);
        }
        count = probe(path, "a", times, CK_COUNT_OF(times));
        CK_CHECK_ROW(i, count > 130);
        for (size_t k = 1; k < count; k++) {
            CK_CHECK_ROW(i, times[k] - times[k - 1] > 0.001 && times[k] - times[k - 1] < 0.08);
        }
        unlink(path);
        rmdir(folder);
    }
    material_free(&m);
}

/* One group of pictures of four seconds: a key frame, then none. */
static void put_one_long_group(ck_recorder *r)
{
    for (size_t v = 0; v < m.video_count; v++) {
        ck_packet packet = m.video[v];
        packet.key = v == 0;
        ck_recorder_put(r, CHALK_MEDIA_VIDEO, &packet);
    }
}

CK_TEST(media_recorder, loses_no_picture_while_it_waits_for_sound)
{
    static const bool sound_comes[] = {false, true}; /* never, or late */
    material_make(&m, 320, 180, 4);
    for (size_t i = 0; i < CK_COUNT_OF(sound_comes); i++) {
        char folder[CK_TEST_FOLDER_MAX], path[64];
        ck_test_folder(folder);
        snprintf(path, sizeof path, "%s/out.mkv", folder);
        recording r = {0};
        ck_recorder *recorder = NULL;
        CK_CHECK_EQ(open_recorder(path, &r, &recorder), CHALK_OK);
        ck_recorder_put(recorder, CHALK_MEDIA_VIDEO, &m.video_config);
        put_one_long_group(recorder);
        if (sound_comes[i]) {
            ck_recorder_put(recorder, CHALK_MEDIA_AUDIO, &m.audio_config);
        }
        ck_recorder_finish(recorder);
        CK_CHECK(media_wait(record_is_over, &r, 10000));
        CK_CHECK_EQ(atomic_load(&r.status), CHALK_OK);
        ck_recorder_destroy(&recorder);
        static double times[1000];
        CK_CHECK_ROW(i, probe(path, "v", times, CK_COUNT_OF(times)) == m.video_count);
        unlink(path);
        rmdir(folder);
    }
    material_free(&m);
}

CK_TEST(media_recorder, nothing_to_record_is_said_and_leaves_no_file)
{
    char folder[CK_TEST_FOLDER_MAX], path[64];
    ck_test_folder(folder);
    snprintf(path, sizeof path, "%s/out.mp4", folder);
    recording r = {0};
    ck_recorder *recorder = NULL;
    CK_CHECK_EQ(open_recorder(path, &r, &recorder), CHALK_OK);
    CK_CHECK_EQ(access(path, F_OK), 0);
    ck_recorder_finish(recorder);
    CK_CHECK(media_wait(record_is_over, &r, 10000));
    CK_CHECK_EQ(atomic_load(&r.status), CHALK_ERR_NO_MEDIA);
    ck_recorder_destroy(&recorder);
    CK_CHECK_EQ(atomic_load(&r.ended), 1);
    CK_CHECK(access(path, F_OK) != 0);
    CK_CHECK_EQ(rmdir(folder), 0);
}

CK_TEST(media_recorder, a_full_disk_ends_it_by_name)
{
    material_make(&m, 320, 180, 1);
    char folder[CK_TEST_FOLDER_MAX], path[64];
    ck_test_folder(folder);
    snprintf(path, sizeof path, "%s/out.mp4", folder);
    CK_CHECK_EQ(symlink("/dev/full", path), 0); /* every write to it really gives ENOSPC */
    recording r = {0};
    ck_recorder *recorder = NULL;
    CK_CHECK_EQ(open_recorder(path, &r, &recorder), CHALK_OK);
    put_configs(recorder);
    for (int i = 0; i < 20; i++) {
        put_material(recorder, 0, 1000000, i * 1000000);
    }
    CK_CHECK(media_wait(record_is_over, &r, 10000));
    CK_CHECK_EQ(atomic_load(&r.status), CHALK_ERR_NO_SPACE);
    ck_recorder_destroy(&recorder);
    CK_CHECK_EQ(atomic_load(&r.ended), 1);
    unlink(path);
    rmdir(folder);
    material_free(&m);
}

CK_TEST(media_recorder, without_a_key_frame_it_ends_all_the_same)
{
    char folder[CK_TEST_FOLDER_MAX], path[64];
    ck_test_folder(folder);
    snprintf(path, sizeof path, "%s/out.flv", folder);
    recording r = {0};
    ck_recorder *recorder = NULL;
    CK_CHECK_EQ(open_recorder(path, &r, &recorder), CHALK_OK);
    ck_packet lone = packet_of(false, false, 10);
    ck_recorder_put(recorder, CHALK_MEDIA_VIDEO, &lone);
    ck_recorder_destroy(&recorder);
    CK_CHECK_EQ(atomic_load(&r.began), 0);
    CK_CHECK_EQ(atomic_load(&r.ended), 1);
    CK_CHECK_EQ(atomic_load(&r.status), CHALK_ERR_NO_MEDIA);
    unlink(path);
    rmdir(folder);
}
