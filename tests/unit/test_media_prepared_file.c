/* Streams that were prepared in files: what is no such file is refused by name, what is one is sent
 * over and over on one line of time. */
#include "core/flv/mux.h"
#include "core/flv/tag.h"
#include "net_support.h"
#include "runtime/media/prepared.h"
#include "support/check.h"
#include "support/folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 256

typedef struct file {
    uint8_t bytes[FILE_MAX];
    size_t size;
} file;

static void put(file *f, const void *bytes, size_t size)
{
    CK_CHECK(f->size + size <= FILE_MAX);
    memcpy(f->bytes + f->size, bytes, size);
    f->size += size;
}

static void put_tag(file *f, uint8_t type, uint32_t ms, const void *body, uint32_t size)
{
    uint8_t head[CK_FLV_TAG_HEAD], tail[CK_FLV_TAG_TAIL];
    CK_CHECK_EQ(ck_flv_write_tag_head(head, type, ms, size), CHALK_OK);
    ck_flv_write_tag_tail(tail, size);
    put(f, head, sizeof head);
    put(f, body, size);
    put(f, tail, sizeof tail);
}

static const uint8_t aac_config[] = {0xaf, 0, 0x12, 0x10}; /* AAC-LC, 44.1 kHz, two channels */
static const uint8_t aac_frame[] = {0xaf, 1, 0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c};
static const uint8_t speex[] = {0xb6, 1, 2, 3};
static const uint8_t head_cut[] = {0xaf};

/* Sound at 0, 23 and 46 ms. */
static file good(void)
{
    file f = {0};
    uint8_t head[CK_FLV_FILE_HEAD];
    ck_flv_write_file_head(head, true, false);
    put(&f, head, sizeof head);
    put_tag(&f, CK_FLV_AUDIO, 0, aac_config, sizeof aac_config);
    for (uint32_t ms = 0; ms <= 46; ms += 23) {
        put_tag(&f, CK_FLV_AUDIO, ms, aac_frame, sizeof aac_frame);
    }
    return f;
}

static file of_tag(const void *body, uint32_t size)
{
    file f = good();
    f.size = CK_FLV_FILE_HEAD;
    put_tag(&f, CK_FLV_AUDIO, 0, body, size);
    return f;
}

/* Writes it, `size` bytes long, and loads it. */
static int load_sized(const file *f, off_t size, ck_prepared **out)
{
    char folder[CK_TEST_FOLDER_MAX], path[CK_TEST_FOLDER_MAX + 16];
    ck_test_folder(folder);
    (void)snprintf(path, sizeof path, "%s/lesson.flv", folder);
    FILE *at = fopen(path, "wb");
    CK_CHECK(at != NULL && fwrite(f->bytes, 1, f->size, at) == f->size && fclose(at) == 0);
    CK_CHECK_EQ(truncate(path, size), 0);
    int status = ck_prepared_load(path, out);
    CK_CHECK(unlink(path) == 0 && rmdir(folder) == 0);
    return status;
}

static int load(const file *f, ck_prepared **out)
{
    return load_sized(f, (off_t)f->size, out);
}

CK_TEST(prepared_file, what_is_no_stream_is_refused_by_name)
{
    file text = {.bytes = "This is a text, and no stream.", .size = 30};
    file damaged = good();
    damaged.bytes[CK_FLV_FILE_HEAD] = 0x1f; /* a type that is passed over, */
    damaged.bytes[CK_FLV_FILE_HEAD + 3]--;  /* and does not end where it says */
    file head = good();
    head.size = CK_FLV_FILE_HEAD;
    const struct {
        file file;
        int status;
    } rows[] = {
        {{.size = 0}, CHALK_ERR_NO_MEDIA},
        {text, CHALK_ERR_BAD_DATA},
        {damaged, CHALK_ERR_BAD_DATA},
        {head, CHALK_ERR_NO_MEDIA},
        {of_tag(aac_config, sizeof aac_config), CHALK_ERR_NO_MEDIA},
        {of_tag(head_cut, sizeof head_cut), CHALK_ERR_BAD_DATA},
        {of_tag(speex, sizeof speex), CHALK_ERR_CODEC_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_prepared *p = NULL;
        int status = load(&rows[i].file, &p);
        CK_CHECK_ROW((int)i, status == rows[i].status && p == NULL);
    }
    ck_prepared *p = NULL;
    CK_CHECK_EQ(ck_prepared_load("/nowhere/lesson.flv", &p), CHALK_ERR_NOT_FOUND);
    file f = good();
    CK_CHECK_EQ(load_sized(&f, (off_t)CK_PREPARED_BYTES + 1, &p), CHALK_ERR_TOO_LARGE);
    CK_CHECK(p == NULL);
}

/* Whatever is cut off or altered, it is loaded or refused, and nothing else happens. */
CK_TEST(prepared_file, any_byte_may_be_wrong)
{
    const file whole = good();
    for (size_t i = 0; i < whole.size; i++) {
        file cut = whole, altered = whole;
        ck_prepared *p = NULL;
        cut.size = i;
        altered.bytes[i] ^= (uint8_t)(1u << i % 8);
        int status = load(&cut, &p);
        CK_CHECK_ROW((int)i, (status == CHALK_OK) == (p != NULL));
        ck_prepared_unref(&p);
        status = load(&altered, &p);
        CK_CHECK_ROW((int)i, (status == CHALK_OK) == (p != NULL));
        ck_prepared_unref(&p);
    }
}

/* --- sending --------------------------------------------------------------------------------- */

typedef struct sent {
    int64_t dts_us[16];
    bool config[16];
    size_t count;
} sent;

static void on_packet(void *user, uint32_t media, const ck_packet *packet)
{
    sent *s = user;
    CK_CHECK_EQ(media, CHALK_MEDIA_AUDIO);
    if (s->count < 16) {
        s->dts_us[s->count] = packet->dts_us;
        s->config[s->count++] = packet->config;
    }
}

static bool has_two_rounds(void *arg)
{
    return ((const sent *)arg)->count >= 8;
}

CK_TEST(prepared_file, is_sent_over_and_over_in_real_time)
{
    static const int64_t line_ms[] = {0, 0, 23, 46, 86, 86, 109, 132}; /* 40 ms between rounds */
    file f = good();
    sent s = {0};
    ck_prepared *p = NULL;
    ck_pacer *pacer = NULL;
    ck_loop *loop = net_loop();
    CK_CHECK_EQ(load(&f, &p), CHALK_OK);
    CK_CHECK_EQ(ck_prepared_codec(p, CHALK_MEDIA_AUDIO), CHALK_CODEC_AAC);
    CK_CHECK_EQ(ck_prepared_codec(p, CHALK_MEDIA_VIDEO), 0);
    uint64_t began_us = ck_loop_now_us(loop);
    CK_CHECK_EQ(ck_pacer_create(loop, p, &(ck_pacer_host){on_packet, &s}, &pacer), CHALK_OK);
    ck_prepared_unref(&p); /* the pacer has its own */
    net_wait(loop, has_two_rounds, &s);
    CK_CHECK(ck_loop_now_us(loop) - began_us >= 132000);
    for (size_t i = 0; i < 8; i++) {
        CK_CHECK_ROW((int)i, s.dts_us[i] == line_ms[i] * 1000 && s.config[i] == (i % 4 == 0));
    }
    ck_pacer_destroy(&pacer);
    ck_loop_destroy(&loop);
}
