/* Drivers that refuse, give nothing, fail later or hang: the lesson goes on. */
#include "faulty_encoder.h"
#include "media_support.h"

#include "base/check.h"
#include "base/text.h"
#include "runtime/media/encoder_guard.h"
#include "runtime/media/encoding.h"
#include "support/calm.h"

#define WIDTH  320
#define HEIGHT 180
#define MS     UINT64_C(1000)

/* --- in mid-stream --------------------------------------------------------------------------- */

typedef struct lesson {
    ck_codec_set codecs;
    ck_timeline line;
    ck_encoding *encoding;
    ck_packet_taker taker;
    atomic_int pictures, keys, configs, broken, chosen, hopeless;
    atomic_int_fast64_t last_us; /* presentation time */
} lesson;

static void on_chosen(void *user, int status, const char *text)
{
    lesson *l = user;
    atomic_fetch_add(&l->chosen, status == CHALK_OK);
    atomic_fetch_add(&l->hopeless, status < 0);
    CK_CHECK(text[0] != '\0');
}

static void on_packet(void *user, uint32_t media, const ck_packet *packet)
{
    lesson *l = user;
    (void)media;
    if (packet->config) {
        atomic_fetch_add(&l->configs, 1);
        return;
    }
    bool first = atomic_fetch_add(&l->pictures, 1) == 0;
    bool ordered = first || packet->dts_us > atomic_load(&l->last_us);
    bool whole = atomic_load(&l->configs) > 0 && (!first || packet->key);
    atomic_fetch_add(&l->broken, !ordered || !whole);
    atomic_fetch_add(&l->keys, packet->key);
    atomic_store(&l->last_us, packet->dts_us);
}

static void begin(lesson *l, const char *encoder, bool alone)
{
    memset(l, 0, sizeof *l);
    l->codecs = faulty_codecs(alone);
    const ck_encoding_config config = {
        .codecs = &l->codecs,
        .line = &l->line,
        .media = CHALK_MEDIA_VIDEO,
        .codec = CHALK_CODEC_H264,
        .hint = CHALK_HINT_CAMERA,
        .fps_max = 25,
        .gop_us = 10000000,
        .encoder = encoder,
        .chosen = on_chosen,
        .user = l,
    };
    CK_CHECK_EQ(ck_encoding_create(&config, &l->encoding), CHALK_OK);
    l->taker = (ck_packet_taker){.packet = on_packet, .user = l};
    ck_encoding_attach(l->encoding, &l->taker);
}

static chalk_video_frame *picture(void)
{
    static uint8_t pixels[WIDTH * HEIGHT * 3 / 2];
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_I420;
    info.width = WIDTH;
    info.height = HEIGHT;
    info.color = CHALK_COLOR_BT601_LIMITED;
    for (int i = 0; i < 3; i++) {
        info.planes[i] = pixels + (i == 0 ? 0 : WIDTH * HEIGHT * (3 + i) / 4);
        info.strides[i] = i == 0 ? WIDTH : WIDTH / 2;
    }
    info.capture_us = ck_clock_us();
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    return frame;
}

static bool has_enough(void *arg)
{
    lesson *l = arg;
    chalk_video_frame *frame = picture();
    ck_encoding_video(l->encoding, frame, true); /* while it is waited for, the source goes on */
    chalk_video_frame_unref(&frame);
    media_sleep_until(ck_clock_us() + 20 * MS);
    return atomic_load(&l->pictures) >= 25 || atomic_load(&l->hopeless) > 0;
}

static void end(lesson *l)
{
    ck_encoding_detach(l->encoding, &l->taker);
    ck_encoding_destroy(&l->encoding);
}

static bool all_closed(void *arg)
{
    (void)arg;
    return atomic_load(&faulty_alive) == 0;
}

typedef struct fault_row {
    faulty_plan plan;
    const char *ends_with; /* the encoder in use at the end */
    int keys;              /* one for each encoder that gave pictures */
    int within_ms;         /* from the first picture given to the 25th that came out */
} fault_row;

static const fault_row fault_rows[] = {
    {{FAULTY_NOTHING, 0, 0}, "faulty", 1, 3000},
    {{FAULTY_OPEN, FAULTY_FAILS, 0}, "openh264", 1, 3000},
    {{FAULTY_SEND, FAULTY_FAILS, 0}, "openh264", 1, 3000},  /* in the trial */
    {{FAULTY_SEND, FAULTY_SILENT, 0}, "openh264", 1, 3000}, /* the same */
    {{FAULTY_SEND, FAULTY_FAILS, 6}, "openh264", 2, 3000},  /* behind five pictures */
    {{FAULTY_SEND, FAULTY_SILENT, 6}, "openh264", 2, 5000},
    {{FAULTY_SEND, FAULTY_HANGS, 6}, "openh264", 2, 6000},
    {{FAULTY_SEND, FAULTY_HANGS, 0}, "openh264", 1, 9000}, /* in the trial */
    {{FAULTY_OPEN, FAULTY_HANGS, 0}, "openh264", 1, 9000},
};

static void check_fault(size_t i)
{
    const fault_row *row = &fault_rows[i];
    static lesson l;
    faulty_reset(row->plan);
    uint64_t begun_us = ck_clock_us();
    begin(&l, "hardware", false);
    CK_CHECK_ROW(i, media_wait(has_enough, &l, ck_test_patience_ms(30000)));
    uint64_t took_ms = (ck_clock_us() - begun_us) / MS;
    ck_encoding_stats stats;
    ck_encoding_get_stats(l.encoding, &stats);
    end(&l);
    CK_CHECK_STR(stats.encoder, row->ends_with);
    CK_CHECK_ROW(i, atomic_load(&l.broken) == 0 && atomic_load(&l.hopeless) == 0);
    CK_CHECK_ROW(i, atomic_load(&l.keys) == row->keys);
    CK_CHECK_ROW(i, atomic_load(&l.chosen) == row->keys);
    CK_CHECK_ROW(i, atomic_load(&faulty_opened) == 1); /* what failed is not tried again */
    CK_CALM_ROW(i, took_ms < (uint64_t)row->within_ms, took_ms < 2 * (uint64_t)row->within_ms);
    atomic_store(&faulty_awake, true); /* a driver that comes back late puts its things away */
    CK_CHECK_ROW(i, media_wait(all_closed, NULL, 5000));
}

CK_CALM_TEST(media_guard, a_driver_that_works_is_used)
{
    ck_calm_watch();
    check_fault(0);
}

CK_CALM_TEST(media_guard, a_driver_that_refuses_is_passed_over)
{
    ck_calm_watch();
    for (size_t i = 1; i < 4; i++) {
        check_fault(i);
    }
}

CK_CALM_TEST(media_guard, the_stream_goes_on_when_a_driver_fails)
{
    ck_calm_watch();
    check_fault(4);
    check_fault(5);
}

CK_CALM_TEST(media_guard, the_stream_goes_on_when_a_driver_hangs)
{
    ck_calm_watch();
    check_fault(6);
}

CK_CALM_TEST(media_guard, a_driver_that_hangs_at_once_is_waited_for_once)
{
    ck_calm_watch();
    check_fault(7);
    check_fault(8);
}

/* Memory that was short says nothing of the driver: it is opened again. */
CK_TEST(media_guard, a_driver_without_memory_for_once_is_used_again)
{
    static lesson l;
    faulty_reset((faulty_plan){FAULTY_SEND, FAULTY_STARVED, 6});
    begin(&l, "hardware", false);
    CK_CHECK(media_wait(has_enough, &l, ck_test_patience_ms(20000)));
    ck_encoding_stats stats;
    ck_encoding_get_stats(l.encoding, &stats);
    end(&l);
    CK_CHECK_STR(stats.encoder, "faulty");
    CK_CHECK_EQ(atomic_load(&faulty_opened), 2);
    CK_CHECK_EQ(atomic_load(&l.keys), 2);
    CK_CHECK_EQ(atomic_load(&l.broken), 0);
}

/* --- which one is taken ---------------------------------------------------------------------- */

CK_TEST(media_guard, software_first_unless_asked_otherwise)
{
    static const struct {
        const char *wish;
        bool alone;
        const char *taken; /* NULL: none works */
        int tried;         /* the driver */
    } rows[] = {
        {NULL, false, "openh264", 0},       {"auto", false, "openh264", 0},
        {"auto", true, "faulty", 1}, /* nothing else is there */
        {"software", false, "openh264", 0}, {"software", true, NULL, 0},
        {"hardware", false, "faulty", 1},   {"faulty", false, "faulty", 1},
        {"openh264", false, "openh264", 0}, {"nosuch", false, NULL, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static lesson l;
        faulty_reset((faulty_plan){0});
        begin(&l, rows[i].wish, rows[i].alone);
        CK_CHECK_ROW(i, media_wait(has_enough, &l, ck_test_patience_ms(20000)));
        ck_encoding_stats stats;
        ck_encoding_get_stats(l.encoding, &stats);
        end(&l);
        CK_CHECK_STR(stats.encoder, rows[i].taken != NULL ? rows[i].taken : "");
        CK_CHECK_ROW(i, (atomic_load(&l.hopeless) > 0) == (rows[i].taken == NULL));
        CK_CHECK_ROW(i, atomic_load(&faulty_opened) == rows[i].tried);
    }
}

/* Who asks for one by name gets that one or none. */
CK_TEST(media_guard, a_name_has_no_stand_in)
{
    static lesson l;
    faulty_reset((faulty_plan){FAULTY_OPEN, FAULTY_FAILS, 0});
    begin(&l, "faulty", false);
    CK_CHECK(media_wait(has_enough, &l, ck_test_patience_ms(20000)));
    end(&l);
    CK_CHECK_EQ(atomic_load(&l.hopeless), 1);
    CK_CHECK_EQ(atomic_load(&l.pictures), 0);
}

/* --- the guard itself ------------------------------------------------------------------------ */

static ck_encoder *open_guarded(void)
{
    const ck_encoder_config config = {
        .codec = CHALK_CODEC_H264,
        .hint = CHALK_HINT_CAMERA,
        .width = WIDTH,
        .height = HEIGHT,
        .color = CHALK_COLOR_BT601_LIMITED,
        .fps_max = 25,
        .bitrate_kbps = 500,
    };
    ck_encoder *e = NULL;
    CK_CHECK_EQ(ck_encoder_guard_open(&faulty_driver, &config, NULL, &e), CHALK_OK);
    return e;
}

CK_TEST(media_guard, it_speaks_as_the_encoder_inside)
{
    faulty_reset((faulty_plan){0});
    ck_encoder *e = open_guarded();
    ck_encoder_info info;
    ck_packet packet;
    chalk_video_frame *frame = picture();
    CK_CHECK_EQ(ck_encoder_guard.info(e, &info), CHALK_OK);
    CK_CHECK_STR(info.name, "faulty");
    CK_CHECK(info.config.size > 0);
    CK_CHECK_EQ(ck_encoder_guard.receive(e, &packet), CHALK_ERR_AGAIN); /* the trial's is gone */
    CK_CHECK_EQ(ck_encoder_guard.send_video(e, frame, 1000, true), CHALK_OK);
    CK_CHECK_EQ(ck_encoder_guard.send_video(e, frame, 2000, false), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(ck_encoder_guard.receive(e, &packet), CHALK_OK);
    CK_CHECK(packet.key);
    CK_CHECK_EQ(packet.pts_us, 1000);
    ck_packet_unref(&packet);
    CK_CHECK_EQ(ck_encoder_guard.set_bitrate(e, 900), CHALK_OK);
    CK_CHECK_EQ(ck_encoder_guard.set_bitrate(e, 0), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_encoder_guard.send_audio(e, NULL), CHALK_ERR_UNSUPPORTED);
    CK_CHECK_EQ(ck_encoder_guard.drain(e), CHALK_OK);
    CK_CHECK_EQ(ck_encoder_guard.receive(e, &packet), CHALK_ERR_END);
    CK_CHECK_EQ(ck_encoder_guard.send_video(e, frame, 3000, false), CHALK_ERR_BAD_STATE);
    ck_encoder_guard.close(&e);
    ck_encoder_guard.close(&e);
    chalk_video_frame_unref(&frame);
    CK_CHECK_EQ(atomic_load(&faulty_alive), 0);
}

/* A call that does not come back is the last that is waited for. */
CK_CALM_TEST(media_guard, what_hangs_is_left_to_itself)
{
    ck_calm_watch();
    static const enum faulty_verb verbs[] = {FAULTY_BITRATE, FAULTY_CLOSE};
    for (size_t i = 0; i < CK_COUNT_OF(verbs); i++) {
        faulty_reset((faulty_plan){verbs[i], FAULTY_HANGS, 0});
        ck_encoder *e = open_guarded();
        uint64_t begun_us = ck_clock_us();
        if (verbs[i] == FAULTY_BITRATE) {
            ck_packet packet;
            chalk_video_frame *frame = picture();
            CK_CHECK_EQ(ck_encoder_guard.set_bitrate(e, 900), CHALK_ERR_TIMEOUT);
            CK_CHECK_EQ(ck_encoder_guard.set_bitrate(e, 900), CHALK_ERR_TIMEOUT);
            CK_CHECK_EQ(ck_encoder_guard.send_video(e, frame, 0, true), CHALK_ERR_TIMEOUT);
            CK_CHECK_EQ(ck_encoder_guard.receive(e, &packet), CHALK_ERR_AGAIN);
            chalk_video_frame_unref(&frame);
        }
        ck_encoder_guard.close(&e);
        uint64_t took_ms = (ck_clock_us() - begun_us) / MS;
        CK_CHECK_ROW(i, e == NULL);
        CK_CALM_ROW(took_ms, took_ms < 1900, took_ms < 1900 + 5 * ck_calm_worst_ms());
        CK_CHECK_ROW(i, atomic_load(&faulty_alive) == 1);
        atomic_store(&faulty_awake, true);
        CK_CHECK_ROW(i, media_wait(all_closed, NULL, 5000));
    }
}
