/*
 * Rooms on a disk that fails: nothing that was answered COMMITTED is missing afterwards, nothing
 * that was answered FULL is there, and it goes on when the disk does.
 */
#include "store_support.h"

#include "base/check.h"
#include "support/check.h"
#include "support/faults.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <uv.h>

typedef struct row {
    const char *name;
    fault faults[3];
    unsigned refused; /* appends that are answered FULL */
    bool new_file;    /* of the log, afterwards */
    bool torn;        /* what was refused is still in the file, and is not read */
} row;

static const row rows[] = {
    {"the disk is full", {{FAULT_WRITE, ENOSPC, .count = 3}}, 3, false, false},
    {"the disk fails", {{FAULT_WRITE, EIO, .count = 1}}, 1, false, false},
    {"few bytes at a time", {{FAULT_WRITE, FAULT_SHORT}}, 0, false, false},
    {"signals",
     {{FAULT_WRITE, EINTR, .share = 128}, {FAULT_SYNC, EINTR, .share = 128}},
     0,
     false,
     false},
    {"the file cannot be cut",
     {{FAULT_WRITE, ENOSPC, .count = 1}, {FAULT_CUT, EIO, .count = 1}},
     1,
     true,
     false},
    {"not known to be on the device", {{FAULT_SYNC, EIO, .count = 1}}, 1, true, false},
    {"nor can it be cut", {{FAULT_SYNC, EIO, .count = 1}, {FAULT_CUT, EIO}}, 1, true, true},
    {"no new file after it",
     {{FAULT_SYNC, EIO, .count = 1}, {FAULT_RENAME, ENOSPC, .count = 2}, {FAULT_CUT, EIO}},
     3,
     true,
     true},
    {"the new file is not on the device", {{FAULT_SYNC, EIO, .count = 3}}, 3, true, false},
    {"no entropy for the new file",
     {{FAULT_SYNC, EIO, .count = 1}, {FAULT_ENTROPY, UV_EIO, .count = 2}},
     3,
     true,
     false},
};

static void set(const fault *list, unsigned count)
{
    unsigned set = 0;
    while (set < count && list[set].call != FAULT_NONE) {
        set++;
    }
    faults_set(list, set, 7);
}

static void run_row(size_t i)
{
    const row *r = &rows[i];
    shelf s;
    holder h;
    char path[512];
    shelf_open(&s, true);
    CK_CHECK_ROW(i, holder_open(&h, &s, "maths") == CHALK_OK);
    CK_CHECK_ROW(i, holder_append(&h, 0, 1, "one") == CK_STORE_COMMITTED);
    set(r->faults, CK_COUNT_OF(r->faults));
    for (unsigned n = 0; n < r->refused; n++) {
        CK_CHECK_ROW(i, holder_append(&h, 1, 9, "refused") == CK_STORE_FULL);
    }
    CK_CHECK_ROW(i, holder_append(&h, 1, 2, "two") == CK_STORE_COMMITTED);
    CK_CHECK_ROW(i, holder_append(&h, 2, 3, "three") == CK_STORE_COMMITTED);
    faults_clear();
    CK_CHECK_ROW(i, shelf_stats(&s).full == r->refused);
    CK_CHECK_ROW(i, (shelf_stats(&s).failures > 0) == (r->refused > 0));
    CK_CHECK_ROW(i, shelf_said("written again") == (r->refused > 0));
    CK_CHECK_STR(holder_tail(&h), "1 one 2 two 3 three ");
    CK_CHECK_ROW(i, shelf_files(&s, "log", path, sizeof path) == 1u + r->new_file);
    shelf_restart(&s);
    CK_CHECK_ROW(i, (shelf_stats(&s).torn_bytes > 0) == r->torn);
    CK_CHECK_ROW(i, shelf_stats(&s).damaged == 0);
    CK_CHECK_ROW(i, holder_open(&h, &s, "maths") == CHALK_OK);
    CK_CHECK_STR(holder_tail(&h), "1 one 2 two 3 three ");
    shelf_close(&s);
}

CK_TEST(room_faults, the_log)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        run_row(i);
    }
}

CK_TEST(room_faults, a_checkpoint_that_cannot_be_written_is_left_out)
{
    static const fault list[] = {
        {FAULT_WRITE, ENOSPC, .count = 1},
        {FAULT_SYNC, EIO, .count = 1},
        {FAULT_RENAME, EIO, .count = 1},
        {FAULT_ENTROPY, UV_EIO, .count = 1},
    };
    shelf s;
    holder h;
    char path[512];
    shelf_open(&s, true);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&h, 0, 1, "one"), CK_STORE_COMMITTED);
    CK_CHECK_EQ(holder_append(&h, 1, 2, "two"), CK_STORE_COMMITTED);
    for (size_t i = 0; i < CK_COUNT_OF(list); i++) {
        set(&list[i], 1);
        CK_CHECK_ROW(i, holder_checkpoint(&h, 1, "state") == CHALK_OK);
        faults_clear();
        CK_CHECK_ROW(i, shelf_stats(&s).failures == i + 1);
        CK_CHECK_STR(holder_tail(&h), "1 one 2 two ");
        CK_CHECK_ROW(i, shelf_files(&s, "rooms", path, sizeof path) == 0);
    }
    CK_CHECK_EQ(holder_checkpoint(&h, 1, "state"), CHALK_OK);
    CK_CHECK_STR(holder_tail(&h), "[1 state]2 two ");
    shelf_close(&s);
}

CK_TEST(room_faults, a_start_that_fails_leaves_what_is_there)
{
    static const struct {
        fault fault;
        int status;
    } starts[] = {
        {{FAULT_THREAD, EAGAIN, .count = 1}, CHALK_ERR_LIMIT},
        {{FAULT_THREAD, EAGAIN, .skip = 1, .count = 1}, CHALK_ERR_LIMIT},
        {{FAULT_WRITE, ENOSPC}, CHALK_ERR_NO_SPACE},
        {{FAULT_SYNC, EIO}, CHALK_ERR_IO},
        {{FAULT_SYNC, EIO, .skip = 2}, CHALK_ERR_IO},
        {{FAULT_RENAME, EROFS}, CHALK_ERR_NO_PERMISSION},
        {{FAULT_ENTROPY, UV_EIO}, CHALK_ERR_IO},
    };
    shelf s;
    holder h;
    shelf_open(&s, true);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&h, 0, 1, "one"), CK_STORE_COMMITTED);
    shelf_stop(&s);
    for (size_t i = 0; i < CK_COUNT_OF(starts); i++) {
        set(&starts[i].fault, 1);
        int status = shelf_start(&s);
        faults_clear();
        CK_CHECK_ROW(i, status == starts[i].status);
    }
    CK_CHECK_EQ(shelf_start(&s), CHALK_OK);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_STR(holder_tail(&h), "1 one ");
    shelf_close(&s);
}

/* The kernel takes a part of a group and refuses the rest, as a full disk does. */
CK_TEST(room_faults, a_group_that_is_written_in_part)
{
    static char text[30000];
    shelf s;
    holder h;
    struct rlimit before, less;
    signal(SIGXFSZ, SIG_IGN);
    memset(text, 'x', sizeof text - 1);
    shelf_open(&s, true);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_EQ(holder_append(&h, 0, 1, "one"), CK_STORE_COMMITTED);
    CK_CHECK_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    less = before;
    less.rlim_cur = 10000;
    CK_CHECK_EQ(setrlimit(RLIMIT_FSIZE, &less), 0);
    int full = holder_append(&h, 1, 2, text);
    int small = holder_append(&h, 1, 2, "two");
    CK_CHECK_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    CK_CHECK_EQ(full, CK_STORE_FULL);
    CK_CHECK_EQ(small, CK_STORE_COMMITTED);
    CK_CHECK_EQ(holder_append(&h, 2, 3, "three"), CK_STORE_COMMITTED);
    shelf_restart(&s);
    CK_CHECK_EQ(shelf_stats(&s).torn_bytes, 0);
    CK_CHECK_EQ(holder_open(&h, &s, "maths"), CHALK_OK);
    CK_CHECK_STR(holder_tail(&h), "1 one 2 two 3 three ");
    shelf_close(&s);
}
