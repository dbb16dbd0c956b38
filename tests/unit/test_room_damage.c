/* Rooms on a disk of which something cannot be read any more: which are refused, which are not. */
#include "store_support.h"

#include "base/check.h"
#include "support/check.h"

#include <unistd.h>

#define HEAD       48 /* bytes of an entry before the name */
#define FIRST      60 /* of a file's first entry */
#define FILE_BYTES 65536

static uint8_t whole[FILE_BYTES], bytes[FILE_BYTES];

#define A1 FIRST
#define B1 (A1 + HEAD + 1 + 2)
#define A2 (B1 + HEAD + 1 + 2)
#define C1 (A2 + HEAD + 1 + 2)

typedef struct damage {
    const char *what;
    size_t at;
    bool a, b, c, d; /* which rooms are given */
} damage;

static const damage damages[] = {
    {"a body: whose it is is known", A1 + HEAD + 1, false, true, true, true},
    {"a head: later records prove the others", A1 + 12, false, true, true, false},
    {"a head, and a room has nothing behind it", B1 + 12, true, false, true, false},
    {"a head of the newest of a room", A2 + 12, false, false, true, false},
    {"the file's own head", 20, false, false, false, false},
    {"the mark of a record", A1, false, true, true, false},
};

/* Of rooms a, b, c and one that was never there. */
static bool is_given(shelf *s, const char *room, const char *told)
{
    holder h;
    int status = holder_open(&h, s, room);
    CK_CHECK(status == CHALK_OK || status == CHALK_ERR_BAD_DATA);
    if (status == CHALK_OK) {
        CK_CHECK_STR(holder_tail(&h), told);
    }
    holder_close(&h);
    return status == CHALK_OK;
}

CK_TEST(room_damage, damage_is_an_error_of_the_rooms_it_hits)
{
    shelf s;
    char path[512];
    shelf_open(&s, true);
    shelf_append(&s, "a", 0, "a1");
    shelf_append(&s, "b", 0, "b1");
    shelf_append(&s, "a", 1, "a2");
    shelf_append(&s, "c", 0, "c1");
    shelf_append(&s, "e", 0, "e1"); /* what is behind the others is no torn end */
    shelf_stop(&s);
    CK_CHECK_EQ(shelf_files(&s, "log", path, sizeof path), 1);
    const size_t size = shelf_read(path, whole, sizeof whole);
    CK_CHECK_EQ(size, C1 + 2 * (HEAD + 3));
    for (size_t i = 0; i < CK_COUNT_OF(damages); i++) {
        const damage *d = &damages[i];
        memcpy(bytes, whole, size);
        bytes[d->at] ^= 4;
        shelf_write(path, bytes, size);
        for (int start = 0; start < 2; start++) { /* it stays as it is */
            CK_CHECK_ROW(i, shelf_start(&s) == CHALK_OK);
            CK_CHECK_ROW(i, shelf_stats(&s).damaged > 0);
            CK_CHECK_ROW(i, is_given(&s, "a", "1 a1 2 a2 ") == d->a);
            CK_CHECK_ROW(i, is_given(&s, "b", "1 b1 ") == d->b);
            CK_CHECK_ROW(i, is_given(&s, "c", "1 c1 ") == d->c);
            CK_CHECK_ROW(i, is_given(&s, "d", "") == d->d);
            shelf_stop(&s);
        }
    }
    /* Moved away, it hurts nobody any more. */
    unlink(path);
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    CK_CHECK(is_given(&s, "d", ""));
    shelf_close(&s);
}

CK_TEST(room_damage, damage_in_an_older_file_is_none_of_a_later_one)
{
    shelf s;
    char first[512], second[512];
    shelf_open(&s, true);
    shelf_append(&s, "a", 0, "a1");
    shelf_append(&s, "b", 0, "b1");
    shelf_files(&s, "log", first, sizeof first);
    shelf_restart(&s);
    shelf_append(&s, "a", 1, "a2");
    CK_CHECK_EQ(shelf_files(&s, "log", second, sizeof second), 2);
    shelf_stop(&s);
    /* Cut within what the second file says there was; and the same bytes as a torn end of the
     * second. */
    size_t size = shelf_read(first, whole, sizeof whole);
    shelf_write(first, whole, size - 1);
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    CK_CHECK_EQ(shelf_stats(&s).torn_bytes, 0);
    CK_CHECK(shelf_stats(&s).damaged > 0);
    CK_CHECK(is_given(&s, "a", "1 a1 2 a2 "));
    CK_CHECK(!is_given(&s, "b", ""));
    shelf_stop(&s);
    shelf_write(first, whole, size);
    size = shelf_read(second, whole, sizeof whole);
    shelf_write(second, whole, size - 1);
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    CK_CHECK(shelf_stats(&s).torn_bytes > 0);
    CK_CHECK(is_given(&s, "a", "1 a1 "));
    CK_CHECK(is_given(&s, "b", "1 b1 "));
    shelf_close(&s);
}

CK_TEST(room_damage, a_damaged_room_file_is_an_error_of_its_room)
{
    shelf s;
    holder h;
    char path[512];
    shelf_open(&s, true);
    shelf_append(&s, "b", 0, "b1");
    CK_CHECK_EQ(holder_open(&h, &s, "a"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&h, 0, 1, "a1"), CK_STORE_COMMITTED);
    CK_CHECK_EQ(holder_append(&h, 1, 2, "a2"), CK_STORE_COMMITTED);
    CK_CHECK_EQ(holder_checkpoint(&h, 1, "state"), CHALK_OK);
    shelf_stop(&s);
    CK_CHECK_EQ(shelf_files(&s, "rooms", path, sizeof path), 1);
    const size_t size = shelf_read(path, whole, sizeof whole);
    for (size_t at = 0; at <= size; at += 9) { /* the last one: nothing is damaged */
        memcpy(bytes, whole, size);
        bool hurt = at + 9 <= size;
        bytes[at] ^= hurt ? 0x20 : 0;
        shelf_write(path, bytes, size);
        CK_CHECK_ROW(at, shelf_start(&s) == CHALK_OK);
        CK_CHECK_ROW(at, is_given(&s, "b", "1 b1 "));
        int status = holder_open(&h, &s, "a");
        if (status == CHALK_OK) {
            const char *told = holder_tail(&h);
            CK_CHECK_ROW(at, hurt ? h.tailed == CHALK_ERR_BAD_DATA
                                  : strcmp(told, "[1 state]2 a2 ") == 0);
        } else {
            CK_CHECK_ROW(at, hurt && status == CHALK_ERR_BAD_DATA);
        }
        shelf_stop(&s);
    }
    /* Cut short, gone: what the log has behind it does not go on from nothing. */
    shelf_write(path, whole, size - 1);
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    CK_CHECK_EQ(holder_open(&h, &s, "a"), CHALK_OK);
    CK_CHECK_STR(holder_tail(&h), "?");
    CK_CHECK_EQ(h.tailed, CHALK_ERR_BAD_DATA);
    shelf_close(&s);
}
