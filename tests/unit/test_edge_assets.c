/* The edge's pictures and decks, without a socket: in memory and in a folder. */
#include "edge/assets/assets.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/folder.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIZE (2 * CK_ASSETS_PIECE + 1234)

typedef struct store {
    ck_counting_alloc counting;
    ck_loop *loop;
    ck_assets *assets;
    ck_asset_io *io;
    char folder[CK_TEST_FOLDER_MAX];
    uint8_t file[SIZE], hash[CK_ASSET_HASH];
    bool done; /* of what was asked for last: */
    int status;
    uint8_t piece[CK_ASSETS_PIECE];
    size_t piece_size;
} store;

static store s;

static const ck_bytes room = {(const uint8_t *)"maths", 5};

static void open_store(bool in_folder)
{
    memset(&s, 0, sizeof s);
    ck_counting_alloc_init(&s.counting);
    const ck_loop_config loop = {.host_driven = true};
    CK_CHECK_EQ(ck_loop_create(&loop, &s.loop), CHALK_OK);
    ck_assets_config config = {.loop = s.loop, .alloc = &s.counting.alloc};
    if (in_folder) {
        ck_test_folder(s.folder);
        config.folder = s.folder;
    }
    CK_CHECK_EQ(ck_assets_create(&config, &s.assets), CHALK_OK);
    for (size_t i = 0; i < SIZE; i++) {
        s.file[i] = (uint8_t)(i * i >> 7);
    }
    SHA256(s.file, SIZE, s.hash);
}

static void close_store(void)
{
    ck_asset_close(&s.io);
    ck_assets_forget(s.assets, room);
    ck_assets_destroy(&s.assets);
    ck_loop_destroy(&s.loop);
    CK_CHECK_EQ(s.counting.bytes, 0);
    if (s.folder[0] != '\0') {
        static const char *const inside[] = {"/assets/6d61746873", "/assets", ""};
        for (size_t i = 0; i < CK_COUNT_OF(inside); i++) {
            char path[CK_TEST_FOLDER_MAX + 24];
            (void)snprintf(path, sizeof path, "%s%s", s.folder, inside[i]);
            (void)rmdir(path); /* the room's may have gone with it */
        }
        CK_CHECK(access(s.folder, F_OK) != 0);
    }
}

static void on_done(void *user, int status, ck_slice *piece)
{
    (void)user;
    s.done = true;
    s.status = status;
    s.piece_size = piece->size;
    CK_CHECK(piece->size <= sizeof s.piece);
    if (piece->size > 0) {
        memcpy(s.piece, piece->data, piece->size);
    }
}

/* The answer to what was asked. */
static int wait(int asked)
{
    const struct timespec pause = {0, 100000};
    CK_CHECK_EQ(asked, CHALK_OK);
    for (int i = 0; i < 100000 && !s.done; i++) {
        CK_CHECK(ck_loop_poll(s.loop) >= 0);
        if (!s.done) {
            (void)nanosleep(&pause, NULL);
        }
    }
    CK_CHECK(s.done);
    s.done = false;
    return s.status;
}

static void begin_upload(void)
{
    CK_CHECK_EQ(ck_asset_upload(s.assets, room, s.hash, SIZE, on_done, NULL, &s.io), CHALK_OK);
}

static void upload(size_t piece)
{
    begin_upload();
    for (size_t at = 0; at < SIZE; at += piece) {
        CK_CHECK_EQ(wait(ck_asset_write(s.io, s.file + at, CK_MIN(piece, SIZE - at))), CHALK_OK);
    }
    CK_CHECK_EQ(wait(ck_asset_commit(s.io, CK_ASSET_PDF)), CHALK_OK);
    ck_asset_close(&s.io);
}

static void check_download(void)
{
    size_t got = 0;
    CK_CHECK_EQ(ck_asset_open(s.assets, room, s.hash, on_done, NULL, &s.io), CHALK_OK);
    do {
        CK_CHECK_EQ(wait(ck_asset_next(s.io)), CHALK_OK);
        CK_CHECK(s.piece_size <= SIZE - got);
        CK_CHECK_MEM(s.piece, s.file + got, s.piece_size);
        got += s.piece_size;
    } while (s.piece_size > 0);
    CK_CHECK_EQ(got, SIZE);
    ck_asset_close(&s.io);
}

CK_TEST(edge_assets, pieces_of_any_size_are_one_file)
{
    static const size_t pieces[] = {SIZE, CK_ASSETS_PIECE, CK_ASSETS_PIECE + 1, 4097, 333};
    for (size_t kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < CK_COUNT_OF(pieces); i++) {
            open_store(kind == 1);
            upload(pieces[i]);
            check_download();
            CK_CHECK_EQ(ck_assets_get_stats(s.assets).bytes, SIZE);
            close_store();
        }
    }
}

/* Each piece would cost more than it is, were it kept by itself. */
CK_TEST(edge_assets, who_sends_a_byte_at_a_time_takes_no_more_memory)
{
    size_t taken[2];
    for (size_t i = 0; i < 2; i++) {
        open_store(false);
        upload(i == 0 ? CK_ASSETS_PIECE : 1);
        taken[i] = s.counting.bytes;
        check_download();
        close_store();
    }
    CK_CHECK_EQ(taken[1], taken[0]);
    CK_CHECK(taken[0] < SIZE + 4096);
}

CK_TEST(edge_assets, what_is_not_the_file_is_refused)
{
    for (size_t kind = 0; kind < 2; kind++) {
        open_store(kind == 1);
        begin_upload();
        CK_CHECK_EQ(ck_asset_write(s.io, s.file, SIZE + 1), CHALK_ERR_TOO_LARGE);
        CK_CHECK_EQ(wait(ck_asset_write(s.io, s.file, 100)), CHALK_OK);
        CK_CHECK_EQ(ck_asset_write(s.io, s.file, 100), CHALK_OK);
        CK_CHECK_EQ(ck_asset_write(s.io, s.file, 100), CHALK_ERR_BAD_STATE);
        CK_CHECK_EQ(wait(CHALK_OK), CHALK_OK);
        CK_CHECK_EQ(wait(ck_asset_commit(s.io, CK_ASSET_PDF)), CHALK_ERR_BAD_DATA);
        ck_asset_close(&s.io);
        CK_CHECK_EQ(ck_asset_open(s.assets, room, s.hash, on_done, NULL, &s.io),
                    CHALK_ERR_NOT_FOUND);
        close_store();
    }
}

CK_TEST(edge_assets, a_room_has_an_end)
{
    ck_asset_io *ios[6] = {0};
    const uint64_t size = 60u << 20;
    open_store(false);
    for (size_t i = 0; i < 5; i++) {
        int status = ck_asset_upload(s.assets, room, s.hash, size, on_done, NULL, &ios[i]);
        CK_CHECK_EQ(status, i < 4 ? CHALK_OK : CHALK_ERR_NO_SPACE);
    }
    ck_asset_close(&ios[0]);
    CK_CHECK_EQ(ck_asset_upload(s.assets, room, s.hash, size, on_done, NULL, &ios[5]), CHALK_OK);
    for (size_t i = 0; i < 6; i++) {
        ck_asset_close(&ios[i]);
    }
    CK_CHECK_EQ(ck_assets_get_stats(s.assets).uploads, 0);
    close_store();
}
