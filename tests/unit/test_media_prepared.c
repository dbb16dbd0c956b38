/* A stream made beforehand: which files are one, and at what pace it is sent. */
#include "net_support.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/mux.h"
#include "runtime/media/prepared.h"
#include "runtime/media/tags.h"
#include "runtime/os/os.h"
#include "support/check.h"
#include "support/folder.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

typedef struct piece {
    uint32_t codec;
    bool key, config;
    int64_t at_ms;
} piece;

static const piece whole[] = {
    {CHALK_CODEC_H264, true, true, 0},      {CHALK_CODEC_H264, true, false, 1000},
    {CHALK_CODEC_AAC, true, true, 0},       {CHALK_CODEC_AAC, true, false, 1020},
    {CHALK_CODEC_H264, false, false, 1040}, {CHALK_CODEC_H264, true, true, 0},
};

static void write_piece(FILE *file, const piece *p)
{
    const ck_packet packet = {.codec = p->codec,
                              .key = p->key,
                              .config = p->config,
                              .dts_us = p->at_ms * 1000,
                              .pts_us = p->at_ms * 1000,
                              .payload = ck_slice_static("payload", 7)};
    uint8_t head[CK_FLV_TAG_HEAD], tail[CK_FLV_TAG_TAIL];
    ck_flv_tag tag;
    CK_CHECK_EQ(ck_tag_of_packet(&packet, &tag), CHALK_OK);
    uint32_t size = (uint32_t)tag.body.size;
    CK_CHECK_EQ(ck_flv_write_tag_head(head, (uint8_t)tag.type, tag.timestamp_ms, size), CHALK_OK);
    ck_flv_write_tag_tail(tail, size);
    CK_CHECK(fwrite(head, sizeof head, 1, file) == 1 && fwrite(tag.body.data, size, 1, file) == 1 &&
             fwrite(tail, sizeof tail, 1, file) == 1);
    ck_slice_unref(&tag.body);
}

static void write_stream(const char *path, const piece *pieces, size_t count)
{
    uint8_t head[CK_FLV_FILE_HEAD];
    FILE *file = fopen(path, "wb");
    CK_CHECK(file != NULL);
    ck_flv_write_file_head(head, true, true);
    CK_CHECK(fwrite(head, sizeof head, 1, file) == 1);
    for (size_t i = 0; i < count; i++) {
        write_piece(file, &pieces[i]);
    }
    CK_CHECK(fclose(file) == 0);
}

/* A file in a folder that goes when the test ends. */
typedef struct place {
    char folder[CK_TEST_FOLDER_MAX], path[CK_TEST_FOLDER_MAX + 16];
} place;

static void open_place(place *at)
{
    ck_test_folder(at->folder);
    (void)snprintf(at->path, sizeof at->path, "%s/stream.flv", at->folder);
}

static void close_place(place *at)
{
    (void)unlink(at->path); /* not every test makes it */
    CK_CHECK(rmdir(at->folder) == 0);
}

/* --- files ----------------------------------------------------------------------------------- */

static int load_bytes(const place *at, const char *bytes, size_t size)
{
    ck_prepared *p = NULL;
    FILE *file = fopen(at->path, "wb");
    CK_CHECK(file != NULL);
    CK_CHECK(fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    int status = ck_prepared_load(at->path, &p);
    ck_prepared_unref(&p);
    return status;
}

CK_TEST(prepared, a_file_is_one_or_says_why_not)
{
    place at;
    ck_prepared *p = NULL;
    static const piece refused[] = {{CHALK_CODEC_H264, true, true, 0},
                                    {CHALK_CODEC_H264, false, false, 0}};
    open_place(&at);
    CK_CHECK_EQ(ck_prepared_load(at.path, &p), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(load_bytes(&at, "", 0), CHALK_ERR_NO_MEDIA);
    CK_CHECK_EQ(load_bytes(&at, "no FLV file at all", 18), CHALK_ERR_BAD_DATA);
    write_stream(at.path, refused, CK_COUNT_OF(refused)); /* without a key frame */
    CK_CHECK_EQ(ck_prepared_load(at.path, &p), CHALK_ERR_NO_MEDIA);
    CK_CHECK(truncate(at.path, (off_t)CK_PREPARED_BYTES + 1) == 0);
    CK_CHECK_EQ(ck_prepared_load(at.path, &p), CHALK_ERR_TOO_LARGE);
    CK_CHECK(p == NULL);
    write_stream(at.path, whole, CK_COUNT_OF(whole));
    CK_CHECK_EQ(ck_prepared_load(at.path, &p), CHALK_OK);
    CK_CHECK_EQ(ck_prepared_codec(p, CHALK_MEDIA_VIDEO), CHALK_CODEC_H264);
    CK_CHECK_EQ(ck_prepared_codec(p, CHALK_MEDIA_AUDIO), CHALK_CODEC_AAC);
    ck_prepared_unref(&p);
    close_place(&at);
}

/* --- sending --------------------------------------------------------------------------------- */

typedef struct listener {
    size_t count;
    int64_t first_us, last_us; /* times of the line */
    bool back;                 /* a time below the one before it */
} listener;

static void on_packet(void *user, uint32_t media, const ck_packet *packet)
{
    listener *l = user;
    CK_CHECK((media == CHALK_MEDIA_AUDIO) == (packet->codec == CHALK_CODEC_AAC));
    l->first_us = l->count == 0 ? packet->dts_us : l->first_us;
    l->back = l->back || (l->count > 0 && packet->dts_us < l->last_us);
    l->last_us = packet->dts_us;
    l->count++;
}

static bool has_three_rounds(void *arg)
{
    return ((listener *)arg)->count >= 3 * CK_COUNT_OF(whole);
}

CK_TEST(prepared, rounds_follow_each_other_on_one_line)
{
    place at;
    listener l = {0};
    ck_prepared *p = NULL;
    ck_pacer *pacer = NULL;
    const ck_pacer_host host = {.packet = on_packet, .user = &l};
    open_place(&at);
    write_stream(at.path, whole, CK_COUNT_OF(whole));
    CK_CHECK_EQ(ck_prepared_load(at.path, &p), CHALK_OK);
    ck_loop *loop = net_loop();
    CK_CHECK_EQ(ck_pacer_create(loop, p, &host, &pacer), CHALK_OK);
    ck_prepared_unref(&p); /* the pacer has its own */
    uint64_t began_us = ck_clock_us();
    net_wait(loop, has_three_rounds, &l);
    CK_CHECK(l.first_us == 0 && !l.back);
    CK_CHECK(ck_clock_us() - began_us >= 2 * 80000); /* rounds of 40 ms, and 40 between them */

    /* The machine was asleep: what was missed is not sent all at once. */
    size_t before = l.count;
    (void)poll(NULL, 0, 1000);
    net_settle(loop);
    CK_CHECK(l.count - before >= CK_COUNT_OF(whole));
    CK_CHECK(l.count - before <= 3 * CK_COUNT_OF(whole));
    CK_CHECK(!l.back);
    ck_pacer_destroy(&pacer);
    ck_loop_destroy(&loop);
    close_place(&at);
}
