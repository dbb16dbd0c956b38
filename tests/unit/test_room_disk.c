/* Rooms on a disk: starts, torn ends, and what the log is rid of. */
#include "store_support.h"

#include "base/check.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD       48 /* bytes of an entry before the name */
#define FIRST      60 /* of a file's first entry */
#define FILE_BYTES 65536

static uint8_t whole[FILE_BYTES], bytes[FILE_BYTES];

/* --- starts -------------------------------------------------------------------------------- */

CK_TEST(room_disk, a_start_finds_what_was_there)
{
    shelf s;
    holder h;
    uint64_t epoch = 0;
    shelf_open(&s, true);
    for (uint64_t to = 1; to <= 5; to++) {
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK(h.epoch > epoch);
        epoch = h.epoch;
        CK_CHECK_EQ(holder_append(&h, to - 1, to, "x"), CK_STORE_COMMITTED);
        if (to == 3) {
            CK_CHECK_EQ(holder_checkpoint(&h, 2, "two"), CHALK_OK);
        }
        shelf_restart(&s);
    }
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_STR(holder_tail(&h), "[2 two]3 x 4 x 5 x ");
    CK_CHECK_EQ(shelf_stats(&s).torn_bytes, 0);
    CK_CHECK_EQ(shelf_stats(&s).damaged, 0);
    shelf_close(&s);
}

CK_TEST(room_disk, one_edge_has_a_folder)
{
    shelf s, other;
    shelf_open(&s, true);
    other = s;
    CK_CHECK_EQ(shelf_start(&other), CHALK_ERR_DEVICE_BUSY);
    CK_CHECK(shelf_said("another edge has it"));
    shelf_stop(&s);
    CK_CHECK_EQ(shelf_start(&other), CHALK_OK);
    shelf_close(&other);
}

CK_TEST(room_disk, folders_that_cannot_be)
{
    static const struct {
        const char *folder;
        int status;
    } rows[] = {
        {"/dev/null/rooms", CHALK_ERR_IO},
        {"/tmp/chalk-store-nowhere/rooms", CHALK_ERR_NOT_FOUND},
        {"", CHALK_ERR_INVALID_ARGUMENT},
    };
    shelf s;
    shelf_open(&s, true);
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        shelf other = s;
        snprintf(other.folder, sizeof other.folder, "%s", rows[i].folder);
        CK_CHECK_ROW(i, shelf_start(&other) == rows[i].status);
    }
    shelf_close(&s);
}

CK_TEST(room_disk, any_name_has_a_file)
{
    static const char *const names[] = {
        "a/b", "..", "数学", "\x01\x02",
        "A",   "a",  ".tmp", "1234567890123456789012345678901234567890123456789012345678901234",
    };
    shelf s;
    holder h;
    shelf_open(&s, true);
    for (int start = 0; start < 2; start++) {
        for (size_t i = 0; i < CK_COUNT_OF(names); i++) {
            CK_CHECK_ROW(i, holder_open(&h, &s, names[i]) == CHALK_OK);
            if (start == 0) {
                CK_CHECK_ROW(i, holder_append(&h, 0, 1, names[i]) == CK_STORE_COMMITTED);
                CK_CHECK_ROW(i, holder_checkpoint(&h, 1, names[i]) == CHALK_OK);
            }
            char expected[128];
            snprintf(expected, sizeof expected, "[1 %s]", names[i]);
            CK_CHECK_STR(holder_tail(&h), expected);
        }
        shelf_restart(&s);
    }
    char newest[512];
    CK_CHECK_EQ(shelf_files(&s, "rooms", newest, sizeof newest), CK_COUNT_OF(names));
    shelf_close(&s);
}

CK_TEST(room_disk, starts_are_counted)
{
    static const struct {
        const char *text;
        int status; /* of the start */
        int opened; /* of a room that was there */
    } rows[] = {
        {"7\n", CHALK_OK, CHALK_OK},
        {"8", CHALK_OK, CHALK_OK},
        {"seven\n", CHALK_ERR_BAD_DATA, 0},
        {"", CHALK_ERR_BAD_DATA, 0},
        {"123456789012345678901234567890", CHALK_ERR_TOO_LARGE, 0},
        {"0\n", CHALK_OK, CHALK_ERR_BAD_DATA}, /* an older copy: leases would not fence */
    };
    shelf s;
    holder h;
    char path[128];
    shelf_open(&s, true);
    shelf_restart(&s);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&h, 0, 1, "x"), CK_STORE_COMMITTED);
    snprintf(path, sizeof path, "%s/start", s.folder);
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        shelf_stop(&s);
        shelf_write(path, (const uint8_t *)rows[i].text, strlen(rows[i].text));
        CK_CHECK_ROW(i, shelf_start(&s) == rows[i].status);
        if (rows[i].status == CHALK_OK) {
            CK_CHECK_ROW(i, holder_open(&h, &s, "maths") == rows[i].opened);
        }
    }
    shelf_close(&s);
}

/* --- torn ---------------------------------------------------------------------------------- */

/* Three records in groups of their own; the path of their file, which is in `whole`. */
static size_t write_three(shelf *s, char *path, size_t size)
{
    holder h;
    shelf_open(s, true);
    CK_CHECK_EQ(holder_open(&h, s, "maths"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&h, 0, 1, "one"), CK_STORE_COMMITTED);
    CK_CHECK_EQ(holder_append(&h, 1, 2, "two"), CK_STORE_COMMITTED);
    CK_CHECK_EQ(holder_append(&h, 2, 3, "three"), CK_STORE_COMMITTED);
    shelf_stop(s);
    CK_CHECK_EQ(shelf_files(s, "log", path, size), 1);
    return shelf_read(path, whole, sizeof whole);
}

static void remove_log(const shelf *s)
{
    char path[512];
    while (shelf_files(s, "log", path, sizeof path) > 0) {
        unlink(path);
    }
}

CK_TEST(room_disk, a_torn_end_is_cut_off)
{
    static const char *const told[] = {"", "1 one ", "1 one 2 two ", "1 one 2 two 3 three "};
    const size_t ends[] = {FIRST, FIRST + HEAD + 8, FIRST + 2 * (HEAD + 8),
                           FIRST + 2 * (HEAD + 8) + HEAD + 10};
    shelf s;
    char path[512];
    const size_t size = write_three(&s, path, sizeof path);
    CK_CHECK_EQ(size, ends[3]);
    for (size_t cut = FIRST; cut <= size; cut += 5) {
        size_t records = 0;
        while (records < 3 && ends[records + 1] <= cut) {
            records++;
        }
        holder h;
        char after[64];
        remove_log(&s);
        shelf_write(path, whole, cut);
        CK_CHECK_ROW(cut, shelf_start(&s) == CHALK_OK);
        CK_CHECK_ROW(cut, shelf_stats(&s).torn_bytes == cut - ends[records]);
        CK_CHECK_ROW(cut, holder_open(&h, &s, "maths") == CHALK_OK);
        CK_CHECK_STR(holder_tail(&h), told[records]);
        CK_CHECK_EQ(holder_append(&h, records, 9, "new"), CK_STORE_COMMITTED);
        shelf_restart(&s);
        CK_CHECK_ROW(cut, shelf_stats(&s).torn_bytes == 0);
        CK_CHECK_ROW(cut, holder_open(&h, &s, "maths") == CHALK_OK);
        snprintf(after, sizeof after, "%s9 new ", told[records]);
        CK_CHECK_STR(holder_tail(&h), after);
        shelf_stop(&s);
    }
    shelf_close(&s);
}

CK_TEST(room_disk, rubbish_behind_the_end_is_cut_off)
{
    shelf s;
    holder h;
    char path[512];
    size_t size = write_three(&s, path, sizeof path);
    memset(whole + size, 0, 4096);
    for (size_t i = 0; i < 1000; i++) {
        whole[size + 1000 + i] = (uint8_t)(i * 31);
    }
    memcpy(whole + size + 2500, whole + FIRST, 40); /* also half an entry */
    shelf_write(path, whole, size + 4096);
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    CK_CHECK_EQ(shelf_stats(&s).torn_bytes, 4096);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_STR(holder_tail(&h), "1 one 2 two 3 three ");
    CK_CHECK_EQ(shelf_read(path, bytes, sizeof bytes), size);
    shelf_close(&s);
}

/* --- what the log is rid of ---------------------------------------------------------------- */

#define SMALL_SEGMENT 2000
#define ROUNDS        400

static void wait_for_segments(shelf *s, uint32_t most)
{
    for (int i = 0; shelf_stats(s).segments > most && i < ck_test_patience_ms(5000); i++) {
        shelf_turn(s);
    }
    CK_CHECK(shelf_stats(s).segments <= most);
}

CK_TEST(room_disk, the_log_does_not_grow_for_ever)
{
    shelf s;
    holder busy, quiet, silent;
    char newest[512], told[64];
    shelf_open(&s, true);
    s.segment_bytes = SMALL_SEGMENT;
    shelf_restart(&s);
    CK_CHECK_EQ(holder_open(&quiet, &s, "quiet"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&quiet, 0, 1, "q1"), CK_STORE_COMMITTED);
    shelf_append(&s, "left", 0, "l1");
    CK_CHECK_EQ(holder_open(&busy, &s, "busy"), CHALK_OK);
    for (uint64_t to = 1; to <= ROUNDS; to++) {
        CK_CHECK_EQ(holder_append(&busy, to - 1, to, "a record"), CK_STORE_COMMITTED);
        if (to % 50 == 0) {
            CK_CHECK_EQ(holder_checkpoint(&busy, to, "state"), CHALK_OK);
            CK_CHECK_EQ(holder_append(&quiet, to / 50, to / 50 + 1, "q"), CK_STORE_COMMITTED);
        }
    }
    wait_for_segments(&s, 4);
    CK_CHECK(shelf_files(&s, "log", newest, sizeof newest) <= 5);
    CK_CHECK_STR(holder_tail(&quiet), "1 q1 2 q 3 q 4 q 5 q 6 q 7 q 8 q 9 q ");
    for (int start = 0; start < 2; start++) {
        CK_CHECK_EQ(holder_open(&silent, &s, "left"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&silent), "1 l1 ");
        CK_CHECK_EQ(holder_open(&busy, &s, "busy"), CHALK_OK);
        snprintf(told, sizeof told, "[%d state]", ROUNDS);
        CK_CHECK_STR(holder_tail(&busy), told);
        CK_CHECK_EQ(holder_open(&quiet, &s, "quiet"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&quiet), "1 q1 2 q 3 q 4 q 5 q 6 q 7 q 8 q 9 q ");
        shelf_restart(&s);
    }
    CK_CHECK_EQ(shelf_stats(&s).failures, 0);
    CK_CHECK_EQ(shelf_stats(&s).damaged, 0);
    shelf_close(&s);
}

CK_TEST(room_disk, a_room_that_cannot_move_out_is_tried_now_and_then)
{
    static const char quiet_hex[] = "7175696574";
    shelf s;
    holder busy, quiet;
    char path[512], told[64];
    shelf_open(&s, true);
    s.segment_bytes = SMALL_SEGMENT;
    shelf_restart(&s);
    /* Where its file would be made there is a folder. */
    snprintf(path, sizeof path, "%s/rooms/%s.room.tmp", s.folder, quiet_hex);
    CK_CHECK_EQ(mkdir(path, 0700), 0);
    CK_CHECK_EQ(holder_open(&quiet, &s, "quiet"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&quiet, 0, 1, "q1"), CK_STORE_COMMITTED);
    CK_CHECK_EQ(holder_open(&busy, &s, "busy"), CHALK_OK);
    for (uint64_t to = 1; to <= ROUNDS; to++) {
        CK_CHECK_EQ(holder_append(&busy, to - 1, to, "a record"), CK_STORE_COMMITTED);
        if (to % 200 == 0) {
            CK_CHECK_EQ(holder_checkpoint(&busy, to, "state"), CHALK_OK);
        }
    }
    const uint64_t failures = shelf_stats(&s).failures;
    CK_CHECK(failures > 0 && failures < 60);
    CK_CHECK_STR(holder_tail(&quiet), "1 q1 ");
    CK_CHECK_EQ(rmdir(path), 0);
    shelf_restart(&s);
    wait_for_segments(&s, 4);
    CK_CHECK_EQ(holder_open(&quiet, &s, "quiet"), CHALK_OK);
    CK_CHECK_STR(holder_tail(&quiet), "1 q1 ");
    CK_CHECK_EQ(holder_open(&busy, &s, "busy"), CHALK_OK);
    snprintf(told, sizeof told, "[%d state]", ROUNDS);
    CK_CHECK_STR(holder_tail(&busy), told);
    shelf_close(&s);
}

CK_TEST(room_disk, a_long_tail_is_told_over_several_turns)
{
    static char text[40000];
    shelf s;
    holder h;
    shelf_open(&s, true);
    memset(text, 'x', sizeof text - 1);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    for (uint64_t to = 1; to <= 20; to++) {
        CK_CHECK_EQ(holder_append(&h, to - 1, to, text), CK_STORE_COMMITTED);
    }
    h.tailed = 1;
    CK_CHECK_EQ(ck_lease_tail(h.lease), CHALK_OK);
    int turns = 0;
    for (int i = 0; h.tailed == 1 && i < ck_test_patience_ms(5000); i++) {
        unsigned before = h.records;
        shelf_turn(&s);
        CK_CHECK((h.records - before) * sizeof text < (256 << 10) + 2 * sizeof text);
        turns += h.records > before;
    }
    CK_CHECK_EQ(h.tailed, CHALK_OK);
    CK_CHECK_EQ(h.records, 20);
    CK_CHECK(turns >= 3);
    holder_close(&h);
    shelf_close(&s);
}
