/* Segments that ffmpeg made, taken apart; those of others where the test data is there. */
#include "unit/codec_support.h"

#include "base/check.h"
#include "base/text.h"
#include "codec/demuxer_tracks.h"
#include "core/aac/config.h"
#include "core/flv/avcc.h"
#include "core/h264/nal.h"
#include "support/check.h"
#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SOURCE                                                                                     \
    "ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=440:r=48000 "   \
    "-t 2 -pix_fmt yuv420p "
#define H264 "-c:v libx264 -preset ultrafast -g 25 -bf 2 "

/* What a program writes to its standard output; the caller's to free(). */
static uint8_t *run(const char *command, size_t *size)
{
    const size_t most = 4u << 20;
    uint8_t *data = malloc(most);
    FILE *pipe = popen(command, "r");
    CK_CHECK(data != NULL && pipe != NULL);
    *size = fread(data, 1, most, pipe);
    CK_CHECK_EQ(pclose(pipe), 0);
    return data;
}

typedef struct seen {
    int packets[2], keys, configs[2];
    int64_t first_us[2], last_us[2]; /* decoding times */
    int status;
    ck_demuxer_stamps stamps;
    char refused[64];
} seen;

static void see_packet(seen *s, uint32_t media, const ck_packet *packet)
{
    int i = media == CHALK_MEDIA_AUDIO;
    ck_avcc record;
    ck_aac_config config;
    ck_h264_unit_info info;
    const uint8_t *data = packet->payload.data;
    size_t size = packet->payload.size;
    if (packet->config) {
        s->configs[i]++;
        CK_CHECK_EQ(i == 0 ? ck_avcc_parse(data, size, &record)
                           : ck_aac_config_parse(data, size, &config),
                    CHALK_OK);
        return;
    }
    CK_CHECK(s->configs[i] > 0);
    CK_CHECK(s->packets[i] == 0 || packet->dts_us > s->last_us[i]);
    CK_CHECK(packet->pts_us >= packet->dts_us);
    s->first_us[i] = s->packets[i]++ == 0 ? packet->dts_us : s->first_us[i];
    s->last_us[i] = packet->dts_us;
    if (i == 0) {
        s->keys += packet->key;
        CK_CHECK_EQ(ck_h264_inspect(CK_H264_AVCC_4, data, size, &info), CHALK_OK);
        CK_CHECK(info.has_picture && info.is_key == packet->key && !info.has_aud);
    }
}

/* Sends in pieces of any size and receives all there is. */
static seen take_apart(const uint8_t *data, size_t size, size_t piece)
{
    seen s = {0};
    ck_demuxer *d = NULL;
    ck_packet packet;
    uint32_t media = 0;
    const char *refused = "";
    CK_CHECK_EQ(ck_codecs.demuxer_open(NULL, &d), CHALK_OK);
    for (size_t at = 0; at < size; at += piece) {
        CK_CHECK_EQ(ck_codecs.demuxer_send(d, data + at, CK_MIN(piece, size - at)), CHALK_OK);
    }
    CK_CHECK_EQ(ck_codecs.demuxer_receive(d, &media, &packet, &refused), CHALK_ERR_AGAIN);
    s.status = ck_codecs.demuxer_end(d);
    s.stamps = ck_codecs.demuxer_stamps(d);
    CK_CHECK_EQ(ck_codecs.demuxer_send(d, data, 0), CHALK_ERR_BAD_STATE);
    while (s.status == CHALK_OK) {
        s.status = ck_codecs.demuxer_receive(d, &media, &packet, &refused);
        if (s.status == CHALK_OK) {
            see_packet(&s, media, &packet);
            ck_packet_unref(&packet);
        }
    }
    (void)ck_text_copy(s.refused, sizeof s.refused, refused != NULL ? refused : "");
    ck_codecs.demuxer_close(&d);
    CK_CHECK(d == NULL);
    return s;
}

CK_TEST(codec_demux, both_formats)
{
    static const char *const commands[] = {
        SOURCE H264 "-c:a aac -f mpegts -",
        SOURCE H264 "-c:a aac -movflags frag_keyframe+empty_moov+default_base_moof -f mp4 -",
        SOURCE H264 "-c:a aac -pes_payload_size 1000 -f mpegts -",
    };
    for (size_t i = 0; i < CK_COUNT_OF(commands); i++) {
        size_t size = 0;
        uint8_t *data = run(commands[i], &size);
        seen s = take_apart(data, size, 1000 + i);
        CK_CHECK_ROW(i, s.status == CHALK_ERR_END);
        CK_CHECK_ROW(i, s.packets[0] == 50 && s.keys == 2);
        CK_CHECK_ROW(i, s.packets[1] >= 93 && s.packets[1] <= 96);
        CK_CHECK_ROW(i, s.configs[0] == 1 && s.configs[1] == 1);
        CK_CHECK_ROW(i, s.last_us[0] - s.first_us[0] == 49 * 40000);
        int64_t sound_us = s.last_us[1] - s.first_us[1];
        CK_CHECK_ROW(i, sound_us > 1950000 && sound_us < 2100000);
        int64_t apart_us = s.first_us[1] - s.first_us[0]; /* B frames are decoded 80 ms early */
        CK_CHECK_ROW(i, apart_us > -60000 && apart_us < 120000);
        free(data);
    }
}

/* The tag's time is that of the first frame; without a tag a segment begins at 0. */
CK_TEST(codec_demux, packed_sound)
{
    static const char tag[] = "ID3\4\0\0\0\0\0\77PRIV\0\0\0\65\0\0"
                              "com.apple.streaming.transportStreamTimestamp\0\0\0\0\0\0\1\137\220";
    size_t size = 0;
    uint8_t *sound = run(SOURCE "-vn -c:a aac -f adts -", &size);
    uint8_t *tagged = malloc(2 * sizeof tag + size);
    CK_CHECK(tagged != NULL);
    size_t head = sizeof tag - 1;
    memcpy(tagged, tag, head);
    memcpy(tagged + head, "ID3\4\0\0\0\0\0\0", 10); /* more of them are passed over */
    memcpy(tagged + head + 10, sound, size);
    seen plain = take_apart(sound, size, 4096);
    seen timed = take_apart(tagged, head + 10 + size, 4096);
    CK_CHECK(plain.status == CHALK_ERR_END && timed.status == CHALK_ERR_END);
    CK_CHECK(plain.packets[1] >= 93 && plain.packets[1] <= 96 && plain.configs[1] == 1);
    CK_CHECK_EQ(timed.packets[1], plain.packets[1]);
    CK_CHECK_EQ(plain.first_us[1], 0);
    CK_CHECK_EQ(timed.first_us[1], 1000000);
    CK_CHECK_EQ(timed.last_us[1] - timed.first_us[1], plain.last_us[1]);
    CK_CHECK(plain.stamps == CK_STAMPS_ALONE && timed.stamps == CK_STAMPS_WRAP);
    free(tagged);
    free(sound);
}

CK_TEST(codec_demux, more_frames_than_there_is_room_for_are_an_error)
{
    size_t size = 0;
    uint8_t *sound = run(SOURCE "-vn -c:a aac -f adts -", &size);
    ck_sound_track track = {0};
    ck_adts_split_init(&track.split);
    ck_ring ready;
    CK_CHECK_EQ(ck_ring_init(&ready, &ck_heap, sizeof(ck_packet), 4), CHALK_OK);
    const char *refused = NULL;
    int64_t begins_us = 0;
    CK_CHECK_EQ(ck_sound_track_take_adts(&track, &begins_us, sound, size, &ready, &refused),
                CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(ready.count, 4);
    ck_packet packet;
    while (ck_ring_pop(&ready, &packet)) {
        ck_packet_unref(&packet);
    }
    ck_ring_free(&ready);
    free(sound);
}

CK_TEST(codec_demux, a_segment_cut_anywhere)
{
    static const char *const commands[] = {
        SOURCE H264 "-c:a aac -f mpegts -",
        SOURCE H264 "-c:a aac -movflags frag_keyframe+empty_moov+default_base_moof -f mp4 -",
    };
    for (size_t i = 0; i < CK_COUNT_OF(commands); i++) {
        size_t size = 0;
        uint8_t *data = run(commands[i], &size);
        for (size_t cut = 1; cut < size; cut += size / 40) {
            seen s = take_apart(data, cut, cut);
            CK_CHECK_ROW(cut, s.status == CHALK_ERR_END || s.status == CHALK_ERR_BAD_DATA);
            CK_CHECK_ROW(cut, s.packets[0] <= 50);
            CK_CHECK_ROW(cut, cut < size / 2 || s.packets[0] >= 10);
        }
        free(data);
    }
}

CK_TEST(codec_demux, other_codecs_are_refused_by_name)
{
    static const struct {
        const char *command;
        const char *name;
    } rows[] = {
        {SOURCE "-c:v mpeg2video -an -f mpegts -", "mpeg2video"},
        {SOURCE "-vn -c:a ac3 -f mpegts -", "ac3"},
        {SOURCE "-c:v mpeg4 -an -movflags frag_keyframe+empty_moov -f mp4 -", "mpeg4"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        size_t size = 0;
        uint8_t *data = run(rows[i].command, &size);
        seen s = take_apart(data, size, size);
        CK_CHECK_ROW(i, s.status == CHALK_ERR_CODEC_UNKNOWN);
        CK_CHECK_STR(s.refused, rows[i].name);
        free(data);
    }
}

CK_TEST(codec_demux, what_is_no_segment)
{
    static const char *const texts[] = {"", "G", "<html>not found</html>", "ID3\x04",
                                        "....free........"};
    for (size_t i = 0; i < CK_COUNT_OF(texts); i++) {
        seen s = take_apart((const uint8_t *)texts[i], strlen(texts[i]), 7);
        CK_CHECK_ROW(i, s.status == CHALK_ERR_BAD_DATA);
    }
    ck_demuxer *d = NULL;
    static const uint8_t block[1 << 20];
    int status = ck_codecs.demuxer_open(NULL, &d);
    for (int i = 0; status == CHALK_OK && i < 40; i++) {
        status = ck_codecs.demuxer_send(d, block, sizeof block);
    }
    CK_CHECK_EQ(status, CHALK_ERR_TOO_LARGE);
    ck_codecs.demuxer_close(&d);
}

/* Takes apart what may be anything. */
static void spoil(const uint8_t *data, size_t size)
{
    ck_demuxer *d = NULL;
    ck_packet packet;
    uint32_t media = 0;
    const char *refused = NULL;
    CK_CHECK_EQ(ck_codecs.demuxer_open(NULL, &d), CHALK_OK);
    CK_CHECK_EQ(ck_codecs.demuxer_send(d, data, size), CHALK_OK);
    int status = ck_codecs.demuxer_end(d);
    while (status == CHALK_OK) {
        status = ck_codecs.demuxer_receive(d, &media, &packet, &refused);
        if (status == CHALK_OK) {
            ck_packet_unref(&packet);
        }
    }
    ck_codecs.demuxer_close(&d);
}

/* Broken segments too: nothing is written to the standard error of whoever embeds the library. */
CK_TEST(codec_demux, it_keeps_quiet)
{
    static const char *const commands[] = {
        SOURCE H264 "-c:a aac -f mpegts -",
        SOURCE H264 "-c:a aac -movflags frag_keyframe+empty_moov+default_base_moof -f mp4 -",
    };
    for (size_t i = 0; i < CK_COUNT_OF(commands); i++) {
        char path[64];
        size_t size = 0;
        uint8_t *data = run(commands[i], &size);
        (void)snprintf(path, sizeof path, "/tmp/ck-demux-%ld", (long)getpid());
        int saved = dup(STDERR_FILENO);
        FILE *file = fopen(path, "w+");
        CK_CHECK(saved >= 0 && file != NULL && dup2(fileno(file), STDERR_FILENO) >= 0);
        (void)take_apart(data, size / 3, size);
        for (size_t k = 3000; k < size; k += 97) {
            data[k] = (uint8_t)(data[k] * 7 + 1);
        }
        spoil(data, size);
        CK_CHECK(dup2(saved, STDERR_FILENO) >= 0);
        CK_CHECK_EQ(fseek(file, 0, SEEK_END), 0);
        CK_CHECK_EQ(ftell(file), 0);
        fclose(file);
        close(saved);
        (void)unlink(path);
        free(data);
    }
}

CK_TEST(codec_demux, segments_of_others)
{
    static const struct {
        const char *name;
        int status, pictures, sounds;
    } rows[] = {
        {"test-segment.ts", CHALK_ERR_END, 134, 369},
        {"test-no-audio-segment.ts", CHALK_ERR_END, 134, 0},
        {"test-middle-pat-pmt.ts", CHALK_ERR_END, 15, 28},
        {"test-stuffed-pes.ts", CHALK_ERR_END, 0, 0},
        {"test-aac-segment.aac", CHALK_ERR_END, 0, 430},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        char path[128];
        size_t size = 0;
        (void)snprintf(path, sizeof path, "media/hls-ts/%s", rows[i].name);
        uint8_t *data = ck_data_load(path, &size);
        if (data != NULL) {
            seen s = take_apart(data, size, 4096);
            CK_CHECK_ROW(i, s.status == rows[i].status);
            CK_CHECK_ROW(i, s.packets[0] == rows[i].pictures && s.packets[1] == rows[i].sounds);
        }
        free(data);
    }
}
