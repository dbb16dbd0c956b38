/* Microphone and loudspeaker through SDL: its dummy and disk drivers, and a real PulseAudio server
 * with a sink that leads nowhere and a microphone that hears it. */
#include "platform/sdl/audio.h"
#include "platform/sdl/sdl.h"

#include "support/calm.h"
#include "support/child.h"
#include "support/sink.h"

#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define AUDIO (1u << CHALK_MEDIA_AUDIO)

/* SDL 2.26 never gives back the operations with which it asks PulseAudio about a new device. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpulse.so\n";
}

static ck_source *start_microphone(const char *id, ck_test_sink *sink)
{
    const chalk_source_options options = {.kind = CHALK_SOURCE_MICROPHONE, .device = id};
    ck_source *source = NULL;
    CK_CHECK_EQ(ck_sdl_microphone.open(&options, NULL, &source), CHALK_OK);
    CK_CHECK_EQ(ck_sdl_microphone.start(source, AUDIO, &sink->sink), CHALK_OK);
    return source;
}

/* What a loudspeaker asked for. The callback's side is atomic. */
typedef struct puller {
    atomic_uint_fast64_t frames;
    atomic_uint_fast64_t calls;
    atomic_uint_fast32_t delay_us;
    atomic_uint lost; /* notices */
    atomic_uint back;
    bool tone; /* 1 kHz at half scale; otherwise a ramp of the frame's number */
} puller;

static void pull(void *user, float *out, uint32_t frames, uint32_t delay_us)
{
    puller *p = user;
    uint64_t first = atomic_load(&p->frames);
    for (uint32_t i = 0; i < frames; i++) {
        double value = p->tone ? 0.5 * sin(6.283185307179586 * 1000 * (double)(first + i) / 48000)
                               : (double)((first + i) % 48000) / 48000;
        out[2 * i] = (float)value;
        out[2 * i + 1] =
            (float)(p->tone ? value : -value); /* opposite tones would cancel in mono */
    }
    atomic_store(&p->delay_us, delay_us);
    atomic_store(&p->frames, first + frames);
    atomic_fetch_add(&p->calls, 1);
}

static void notice_of_speaker(void *user, int status, const char *text)
{
    puller *p = user;
    atomic_fetch_add(status == CHALK_ERR_NO_DEVICE ? &p->lost : &p->back, text != NULL);
}

static void check_blocks(const ck_test_sink *sink, uint64_t step_tolerance_us)
{
    int64_t disturbed_us = (int64_t)ck_calm_worst_us();
    for (size_t i = 0; i < sink->blocks_count; i++) {
        const ck_test_block *b = &sink->blocks[i];
        CK_CHECK_ROW(i, b->rate == 48000 && b->channels == 1 && b->frames > 0);
        CK_CHECK_ROW(i, b->given_us >= b->capture_us);
        if (i == 0) {
            continue;
        }
        uint64_t end =
            sink->blocks[i - 1].capture_us + (uint64_t)sink->blocks[i - 1].frames * 125 / 6;
        int64_t gap = (int64_t)b->capture_us - (int64_t)end;
        CK_CALM_ROW(i, llabs(gap) <= (int64_t)step_tolerance_us,
                    llabs(gap) <= (int64_t)step_tolerance_us + 3 * disturbed_us);
    }
}

CK_CALM_TEST(sdl_audio, dummy_microphone_gives_silence_in_real_time)
{
    ck_calm_watch();
    setenv("SDL_AUDIODRIVER", "dummy", 1);
    ck_test_sink *sink = ck_test_sink_create();
    int32_t width = 7, height = 7;
    ck_source *source = start_microphone("", sink);
    CK_CHECK_EQ(ck_sdl_microphone.size(source, &width, &height), CHALK_ERR_UNSUPPORTED);
    CK_CHECK_EQ(ck_sdl_microphone.start(source, AUDIO, &sink->sink), CHALK_ERR_BAD_STATE);
    ck_test_sleep_ms(1500);
    ck_sdl_microphone.stop(source);
    size_t count = sink->blocks_count;
    ck_test_sleep_ms(100);
    CK_CHECK_EQ(sink->blocks_count, count);
    CK_CALM_BETWEEN(sink->samples_count, 55000, 80000, 30000, 120000);
    check_blocks(sink, 20000);
    for (size_t i = 0; i < sink->samples_count; i++) {
        CK_CHECK(sink->samples[i] == 0.0f);
    }
    CK_CHECK_EQ(ck_sdl_microphone.start(source, AUDIO, &sink->sink), CHALK_OK);
    CK_CHECK(ck_test_sink_wait_blocks(sink, count + 5, 2000));
    ck_sdl_microphone.close(&source);
    CK_CHECK_EQ(sink->notices_count, 0);
    ck_test_sink_destroy(&sink);
}

/* Sound that is known sample by sample comes through whole and in order. */
CK_CALM_TEST(sdl_audio, microphone_keeps_every_sample)
{
    ck_calm_watch();
    char path[] = "/tmp/chalkrail-mic-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "wb");
    for (int i = 0; i < 48000 * 3; i++) {
        float value = (float)(i % 9973) / 9973;
        fwrite(&value, sizeof value, 1, file);
    }
    fclose(file);
    setenv("SDL_AUDIODRIVER", "disk", 1);
    setenv("SDL_DISKAUDIOFILEIN", path, 1);
    ck_test_sink *sink = ck_test_sink_create();
    ck_source *source = start_microphone(NULL, sink);
    ck_test_sleep_ms(1500);
    ck_sdl_microphone.close(&source);
    CK_CALM_ROW(sink->samples_count, sink->samples_count > 40000, sink->samples_count > 20000);
    long first = lround((double)sink->samples[0] * 9973);
    for (size_t i = 0; i < sink->samples_count; i++) {
        CK_CHECK_EQ(lround((double)sink->samples[i] * 9973), ((size_t)first + i) % 9973);
    }
    ck_test_sink_destroy(&sink);
    unlink(path);
}

CK_CALM_TEST(sdl_audio, speaker_plays_what_was_pulled)
{
    ck_calm_watch();
    char path[] = "/tmp/chalkrail-speaker-XXXXXX";
    int fd = mkstemp(path);
    setenv("SDL_AUDIODRIVER", "disk", 1);
    setenv("SDL_DISKAUDIOFILE", path, 1);
    puller p = {0};
    ck_speaker *speaker = NULL;
    CK_CHECK_EQ(ck_sdl_speaker.open("", pull, NULL, &p, NULL, &speaker), CHALK_OK);
    ck_test_sleep_ms(1000);
    CK_CHECK(atomic_load(&p.delay_us) >= 10000 && atomic_load(&p.delay_us) < 200000);
    ck_sdl_speaker.close(&speaker);
    uint64_t calls = atomic_load(&p.calls), frames = atomic_load(&p.frames);
    ck_test_sleep_ms(100);
    CK_CHECK_EQ(atomic_load(&p.calls), calls);
    CK_CALM_BETWEEN(frames, 30000, 70000, 15000, 100000);
    float pair[2];
    uint64_t written = 0;
    FILE *file = fdopen(fd, "rb");
    while (fread(pair, sizeof pair, 1, file) == 1 && written < frames) {
        if (written == 1 && pair[0] == 0.0f) {
            continue; /* the device's own silence, from before it was started */
        }
        CK_CHECK_EQ(lround((double)pair[0] * 48000), written % 48000);
        CK_CHECK(pair[1] == -pair[0]);
        written++;
    }
    CK_CHECK(written + 4096 > frames);
    fclose(file);
    unlink(path);
}

CK_TEST(sdl_audio, nothing_there_is_a_clear_error)
{
    static const struct {
        const char *driver;
        const char *id;
    } rows[] = {
        {"no-such-driver", ""},
        {"dummy", "sdl:mic:Not Here"},
        {"dummy", "nonsense"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        setenv("SDL_AUDIODRIVER", rows[i].driver, 1);
        chalk_source_options options = {.kind = CHALK_SOURCE_MICROPHONE, .device = rows[i].id};
        ck_source *source = NULL;
        ck_speaker *speaker = NULL;
        CK_CHECK_ROW(i, ck_sdl_microphone.open(&options, NULL, &source) == CHALK_ERR_NO_DEVICE);
        CK_CHECK_ROW(i, ck_sdl_speaker.open(rows[i].id, pull, NULL, NULL, NULL, &speaker) ==
                            CHALK_ERR_NO_DEVICE);
        CK_CHECK_ROW(i, source == NULL && speaker == NULL);
    }
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    chalk_source_options options = {.kind = CHALK_SOURCE_MICROPHONE, .device = longer};
    ck_source *source = NULL;
    CK_CHECK_EQ(ck_sdl_microphone.open(&options, NULL, &source), CHALK_ERR_NO_DEVICE);
    setenv("SDL_AUDIODRIVER", "no-such-driver", 1);
    size_t count = 0;
    CK_CHECK_EQ(ck_sdl_devices.list(NULL, 0, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, 0);
}

CK_TEST(sdl_audio, dummy_devices_are_listed)
{
    setenv("SDL_AUDIODRIVER", "dummy", 1);
    chalk_device list[8];
    size_t count = 0;
    CK_CHECK_EQ(ck_sdl_devices.list(list, 8, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, 2);
    CK_CHECK_EQ(list[0].kind, CHALK_DEVICE_MICROPHONE);
    CK_CHECK_EQ(list[1].kind, CHALK_DEVICE_SPEAKER);
    for (size_t i = 0; i < count; i++) {
        CK_CHECK_ROW(i, list[i].is_default == 1);
        CK_CHECK_ROW(i, list[i].name[0] != '\0');
    }
    ck_test_sink *sink = ck_test_sink_create();
    ck_source *source = start_microphone(list[0].id, sink);
    CK_CHECK(ck_test_sink_wait_blocks(sink, 3, 2000));
    ck_sdl_microphone.close(&source);
    ck_test_sink_destroy(&sink);
    size_t more = 5; /* appended behind what others found, cut when full */
    CK_CHECK_EQ(ck_sdl_devices.list(list, 6, &more, NULL), CHALK_OK);
    CK_CHECK_EQ(more, 7);
    CK_CHECK_EQ(list[5].kind, CHALK_DEVICE_MICROPHONE);
}

typedef struct pulse {
    pid_t pid;
    char folder[64];
    char socket[96];
} pulse;

static bool accepts(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return connected;
}

static void start_pulse(pulse *p)
{
    char protocol[160];
    snprintf(protocol, sizeof protocol,
             "--load=module-native-protocol-unix auth-anonymous=1 socket=%s", p->socket);
    unlink(p->socket);
    const char *const argv[] = {
        "pulseaudio",
        "-n",
        "--daemonize=no",
        "--use-pid-file=no",
        "--exit-idle-time=-1",
        "--load=module-null-sink sink_name=room rate=48000 "
        "sink_properties=device.description=Room",
        "--load=module-remap-source master=room.monitor source_name=ear remix=no "
        "source_properties=device.description=Ear",
        protocol,
        NULL};
    p->pid = ck_child_start(argv, -1);
    for (int i = 0; i < 500 && !accepts(p->socket); i++) {
        ck_test_sleep_ms(20);
    }
    CK_CHECK(accepts(p->socket));
}

static pulse open_pulse(void)
{
    pulse p = {-1, "/tmp/chalkrail-pulse-XXXXXX", ""};
    char server[128];
    CK_CHECK(mkdtemp(p.folder) != NULL);
    snprintf(p.socket, sizeof p.socket, "%s/socket", p.folder);
    snprintf(server, sizeof server, "unix:%s", p.socket);
    setenv("SDL_AUDIODRIVER", "pulseaudio", 1);
    setenv("PULSE_SERVER", server, 1);
    setenv("PULSE_RUNTIME_PATH", p.folder, 1);
    setenv("PULSE_STATE_PATH", p.folder, 1);
    setenv("HOME", p.folder, 1);
    start_pulse(&p);
    return p;
}

static void close_pulse(pulse *p)
{
    ck_child_end(&p->pid, SIGKILL);
    const char *const argv[] = {"rm", "-rf", p->folder, NULL};
    CK_CHECK(ck_child_run(argv));
}

static double loudest_since(ck_test_sink *sink, size_t from)
{
    double loudest = 0;
    pthread_mutex_lock(&sink->lock);
    for (size_t i = from; i < sink->samples_count; i++) {
        loudest = fmax(loudest, fabs((double)sink->samples[i]));
    }
    pthread_mutex_unlock(&sink->lock);
    return loudest;
}

/* A server may take some seconds before the first sound flows. */
static bool wait_for_sound(ck_test_sink *sink)
{
    for (int i = 0; i < 200; i++) {
        size_t from = ck_test_sink_samples(sink);
        ck_test_sleep_ms(50);
        double loudest = loudest_since(sink, from);
        if (loudest > 0.4 && loudest < 0.6) {
            return true;
        }
    }
    return false;
}

CK_TEST(sdl_audio, signals_and_hints_stay_the_hosts)
{
    chalk_device list[8];
    size_t count = 0;
    struct sigaction action;
    setenv("SDL_AUDIODRIVER", "dummy", 1);
    CK_CHECK_EQ(ck_sdl_audio_acquire(NULL), CHALK_OK);
    ck_sdl_audio_list(true, list, 8, &count);
    for (int i = 0; i < 2; i++) {
        CK_CHECK_EQ(sigaction(i == 0 ? SIGINT : SIGTERM, NULL, &action), 0);
        CK_CHECK(action.sa_handler == SIG_DFL);
    }
    CK_CHECK(SDL_GetHint(SDL_HINT_NO_SIGNAL_HANDLERS) == NULL);
    ck_sdl_audio_release();
}

CK_CALM_TEST(sdl_audio, microphone_hears_the_speaker)
{
    ck_calm_watch();
    pulse server = open_pulse();
    chalk_device list[8];
    size_t count = 0;
    CK_CHECK_EQ(ck_sdl_devices.list(list, 8, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, 2);
    CK_CHECK_STR(list[0].id, "sdl:mic:Ear");
    CK_CHECK_STR(list[1].id, "sdl:speaker:Room");
    puller p = {.tone = true};
    ck_speaker *speaker = NULL;
    ck_test_sink *sink = ck_test_sink_create();
    CK_CHECK_EQ(ck_sdl_speaker.open(list[1].id, pull, NULL, &p, NULL, &speaker), CHALK_OK);
    ck_source *source = start_microphone(list[0].id, sink);
    CK_CHECK(wait_for_sound(sink));
    uint64_t pulled = atomic_load(&p.frames);
    size_t heard = ck_test_sink_samples(sink);
    ck_test_sleep_ms(1000);
    pulled = atomic_load(&p.frames) - pulled;
    heard = ck_test_sink_samples(sink) - heard;
    CK_CALM_BETWEEN(pulled, 43000, 58000, 20000, 90000);
    CK_CALM_BETWEEN(heard, 43000, 58000, 20000, 90000);
    CK_CHECK(atomic_load(&p.delay_us) >= 10000 && atomic_load(&p.delay_us) < 500000);
    ck_sdl_speaker.close(&speaker);
    ck_sdl_microphone.close(&source);
    CK_CHECK_EQ(sink->notices_count, 0);
    ck_test_sink_destroy(&sink);
    close_pulse(&server);
}

CK_CALM_TEST(sdl_audio, lost_server_is_told_and_found_again)
{
    ck_calm_watch();
    pulse server = open_pulse();
    puller p = {.tone = true};
    ck_speaker *speaker = NULL;
    ck_test_sink *sink = ck_test_sink_create();
    ck_test_notice notice;
    CK_CHECK_EQ(ck_sdl_speaker.open("", pull, notice_of_speaker, &p, NULL, &speaker), CHALK_OK);
    ck_source *source = start_microphone("", sink);
    CK_CHECK(ck_test_sink_wait_blocks(sink, 50, 4000));
    ck_child_end(&server.pid, SIGKILL);
    CK_CHECK(ck_test_sink_wait_notice(sink, 0, CK_SOURCE_LOST, 5000, &notice));
    CK_CHECK_EQ(notice.status, CHALK_ERR_NO_DEVICE);
    /* Both go on meanwhile: the microphone with silence, the speaker into nothing. */
    ck_test_sleep_ms(500);
    size_t blocks = ck_test_sink_blocks(sink), heard = ck_test_sink_samples(sink);
    uint64_t frames = atomic_load(&p.frames);
    ck_test_sleep_ms(1000);
    size_t more = ck_test_sink_blocks(sink) - blocks;
    CK_CALM_ROW(more, more > 50, more > 20);
    CK_CHECK(loudest_since(sink, heard) == 0);
    frames = atomic_load(&p.frames) - frames;
    CK_CALM_ROW(frames, frames > 24000, frames > 10000);
    CK_CHECK_EQ(atomic_load(&p.lost), 1);
    CK_CHECK_EQ(atomic_load(&p.back), 0);
    start_pulse(&server);
    CK_CHECK(ck_test_sink_wait_notice(sink, 1, CK_SOURCE_RECOVERED, 10000, &notice));
    CK_CHECK(wait_for_sound(sink));
    CK_CHECK_EQ(atomic_load(&p.lost), 1);
    CK_CHECK_EQ(atomic_load(&p.back), 1);
    ck_sdl_speaker.close(&speaker);
    ck_sdl_microphone.close(&source);
    check_blocks(sink, 100000); /* no hole and no step back, also over the loss */
    ck_test_sink_destroy(&sink);
    close_pulse(&server);
}
