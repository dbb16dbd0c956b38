/* Rooms on a disk that are not kept for ever. Files are made older than they are. */
#include "store_support.h"

#include "base/check.h"
#include "support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAY_S  86400
#define KEEP_S (30u * DAY_S)

/* All files of a folder ("log", "rooms"), or that of a room, were last written so long ago. */
static void age(const shelf *s, const char *what, int days)
{
    char command[512];
    const struct timespec at = {.tv_sec = time(NULL) - (time_t)days * DAY_S};
    const struct timespec both[2] = {at, at};
    snprintf(command, sizeof command, "%s/%s", s->folder, what);
    CK_CHECK_EQ(utimensat(AT_FDCWD, command, both, 0), 0);
}

static void age_log(const shelf *s, int days)
{
    char newest[512];
    CK_CHECK_EQ(shelf_files(s, "log", newest, sizeof newest), 1);
    age(s, newest + strlen(s->folder) + 1, days);
}

/* Until a folder has so many files; sweeps are a second apart. */
static void wait_for_files(shelf *s, const char *folder, unsigned wanted)
{
    char newest[512];
    unsigned files = 0;
    for (int i = 0; i < ck_test_patience_ms(10000) / 10; i++) {
        shelf_turn(s);
        files = shelf_files(s, folder, newest, sizeof newest);
        if (files == wanted) {
            break;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    CK_CHECK_EQ(files, wanted);
}

/* The file goes before it is told. */
static void wait_for_forgotten(shelf *s, const char *names)
{
    for (int i = 0; i < ck_test_patience_ms(10000) / 10 && s->forgotten[0] == '\0'; i++) {
        shelf_turn(s);
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    CK_CHECK_STR(s->forgotten, names);
}

#define ART   "rooms/617274.room"
#define MATHS "rooms/6d61746873.room"

/* A day after, what happened is in rooms' own files, and the log is empty. */
static void move_out(shelf *s)
{
    shelf_stop(s);
    age_log(s, 2);
    CK_CHECK_EQ(shelf_start(s), CHALK_OK);
    wait_for_files(s, "rooms", 2);
    wait_for_files(s, "log", 1);
}

static void open_with_two(shelf *s)
{
    shelf_open(s, true);
    s->keep_s = KEEP_S;
    shelf_append(s, "art", 0, "one");
    shelf_append(s, "maths", 0, "two");
}

CK_TEST(room_old, goes_when_nothing_happened_for_long)
{
    shelf s;
    holder h;
    open_with_two(&s);
    move_out(&s);
    shelf_stop(&s);
    age(&s, ART, 31);
    age(&s, MATHS, 29);
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    wait_for_files(&s, "rooms", 1);
    wait_for_forgotten(&s, "art ");
    /* Whoever comes now finds nothing, and what happens from now on is kept. */
    for (int start = 0; start < 2; start++) {
        CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&h), "1 two ");
        CK_CHECK_EQ(holder_open(&h, &s, "art"), CHALK_OK);
        CK_CHECK_STR(holder_tail(&h), start == 0 ? "" : "1 new ");
        if (start == 0) {
            CK_CHECK_EQ(holder_append(&h, 0, 1, "new"), CK_STORE_COMMITTED);
        }
        shelf_restart(&s);
    }
    CK_CHECK_EQ(shelf_stats(&s).damaged, 0);
    shelf_close(&s);
}

CK_TEST(room_old, stays_while_somebody_has_it)
{
    shelf s;
    holder h;
    open_with_two(&s);
    move_out(&s);
    CK_CHECK_EQ(holder_open(&h, &s, "art"), CHALK_OK);
    age(&s, ART, 31);
    age(&s, MATHS, 31);
    wait_for_files(&s, "rooms", 1); /* of a sweep while it runs */
    wait_for_forgotten(&s, "maths ");
    CK_CHECK_STR(holder_tail(&h), "1 one ");
    shelf_close(&s);
}

/* Its file alone would go, and the next start would find the rest of it. */
CK_TEST(room_old, stays_while_the_log_has_something_of_it)
{
    shelf s;
    holder h;
    char newest[512];
    shelf_open(&s, true);
    s.keep_s = KEEP_S;
    CK_CHECK_EQ(holder_open(&h, &s, "art"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&h, 0, 1, "one"), CK_STORE_COMMITTED);
    CK_CHECK_EQ(holder_checkpoint(&h, 1, "state"), CHALK_OK);
    shelf_stop(&s);
    age(&s, ART, 31);
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    (void)nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 200000000}, NULL);
    shelf_turn(&s);
    CK_CHECK_EQ(shelf_files(&s, "rooms", newest, sizeof newest), 1);
    shelf_stop(&s);
    age_log(&s, 2); /* a file of the log that nobody needs any more */
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    wait_for_files(&s, "rooms", 0);
    CK_CHECK_EQ(shelf_stats(&s).damaged, 0);
    shelf_close(&s);
}

CK_TEST(room_old, is_kept_for_ever_unless_told_otherwise)
{
    shelf s;
    holder h;
    open_with_two(&s);
    move_out(&s);
    shelf_stop(&s);
    age(&s, ART, 20000);
    s.keep_s = 0;
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    CK_CHECK_EQ(holder_open(&h, &s, "art"), CHALK_OK);
    CK_CHECK_STR(holder_tail(&h), "1 one ");
    CK_CHECK_STR(s.forgotten, "");
    shelf_close(&s);
}

/* Files that are not ours, and those that cannot be read, stay. */
CK_TEST(room_old, leaves_alone_what_it_does_not_know)
{
    static const char *const names[] = {"rooms/zz.room", "rooms/61.roomy", "rooms/6.room",
                                        "rooms/6162.room"};
    shelf s;
    char path[512];
    shelf_open(&s, true);
    shelf_stop(&s);
    for (size_t i = 0; i < CK_COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", s.folder, names[i]);
        shelf_write(path, (const uint8_t *)"junk", 4);
        age(&s, names[i], 100);
    }
    s.keep_s = KEEP_S;
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    shelf_append(&s, "art", 0, "one");
    CK_CHECK_EQ(shelf_files(&s, "rooms", path, sizeof path), CK_COUNT_OF(names));
    CK_CHECK_STR(s.forgotten, "");
    shelf_close(&s);
}
