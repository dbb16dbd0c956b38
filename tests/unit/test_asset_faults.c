/*
 * Pictures and decks at an edge whose disk is full or fails: who uploads is told by name or goes on
 * by itself, nothing half is left, and it works again when the disk does.
 */
#include "room_guest.h"

#include "chalkrail/asset.h"
#include "chalkrail/edge.h"
#include "support/check.h"
#include "support/faults.h"
#include "support/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct row {
    fault fault;
    int cause; /* with which the upload fails; 0: it is tried again until the disk works */
} row;

static const row rows[] = {
    {{FAULT_WRITE, ENOSPC}, CHALK_ERR_NO_SPACE},
    {{FAULT_RENAME, ENOSPC}, CHALK_ERR_NO_SPACE},
    {{FAULT_SYNC, ENOSPC}, CHALK_ERR_NO_SPACE},
    {{FAULT_WRITE, EIO}, 0},
    {{FAULT_RENAME, EIO}, 0},
    {{FAULT_SYNC, EIO}, 0},
    {{FAULT_WRITE, FAULT_SHORT}, 0},
};
#define ROWS (sizeof rows / sizeof *rows)

static chalk_edge *edge;
static guest ada;
static char folder[CK_TEST_FOLDER_MAX];
static unsigned whole, half; /* files of the folder */

static void set_up(void)
{
    char url[64];
    chalk_edge_options options;
    chalk_room_options join;
    ck_test_folder(folder);
    chalk_edge_options_init(&options);
    options.rtmp = "127.0.0.1:0";
    options.http = "127.0.0.1:0";
    options.open = 1;
    options.data = folder;
    CK_CHECK_EQ(chalk_edge_create(&options, &edge), CHALK_OK);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", chalk_edge_http_port(edge));
    memset(&ada, 0, sizeof ada);
    ada.api = api_open();
    chalk_room_options_init(&join);
    join.url = url;
    join.room = "maths";
    join.name = "ada";
    join.role = CHALK_ROLE_TEACHER;
    CK_CHECK_EQ(chalk_room_join(ada.api.session, &join), CHALK_OK);
    (void)guest_state(&ada, CHALK_LINK_LIVE);
}

static void count_files(void)
{
    char path[CK_TEST_FOLDER_MAX + 32];
    snprintf(path, sizeof path, "%s/assets/6d61746873", folder); /* "maths" in hexadecimal digits */
    DIR *dir = opendir(path);
    whole = half = 0;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        whole += end != NULL && strcmp(end, ".pdf") == 0;
        half += end != NULL && strcmp(end, ".tmp") == 0;
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

static void wait_until(const uint8_t *hash, uint32_t state, chalk_asset_info *info)
{
    *info = (chalk_asset_info){.struct_size = sizeof *info};
    for (int i = 0; i < 2000 && info->state != state; i++) {
        api_sleep_ms(5);
        CK_CHECK_EQ(chalk_asset_get_info(ada.api.session, hash, info), CHALK_OK);
    }
    CK_CHECK_EQ(info->state, state);
}

static int add(const char *deck, uint8_t *hash)
{
    return chalk_asset_add(ada.api.session, (const uint8_t *)deck, strlen(deck), hash);
}

static void run_row(size_t i)
{
    const row *r = &rows[i];
    char deck[96];
    uint8_t hash[CHALK_BOARD_HASH];
    chalk_asset_info info;
    snprintf(deck, sizeof deck,
             "%%PDF-1.4\n1 0 obj<</Type/Catalog/N %zu>>endobj\ntrailer<</Root 1 0 R>>\n", i);
    faults_set(&r->fault, 1, i);
    CK_CHECK_EQ(add(deck, hash), CHALK_OK);
    if (r->cause != 0) {
        wait_until(hash, CHALK_ASSET_FAILED, &info);
        CK_CHECK_EQ(info.cause, r->cause);
        faults_clear();
        CK_CHECK_EQ(add(deck, hash), CHALK_OK);
    } else {
        for (int turn = 0; turn < 400 && faults_met(r->fault.call) == 0; turn++) {
            api_sleep_ms(5);
        }
        CK_CHECK_ROW(i, faults_met(r->fault.call) > 0);
        faults_clear();
    }
    wait_until(hash, CHALK_ASSET_READY, &info);
    count_files();
    CK_CHECK_ROW(i, whole == i + 1);
    for (int turn = 0; turn < 400 && half > 0; turn++) { /* what failed is removed a little later */
        api_sleep_ms(5);
        count_files();
    }
    CK_CHECK_ROW(i, half == 0);
}

CK_TEST(asset_faults, a_disk_that_is_full_or_fails)
{
    set_up();
    for (size_t i = 0; i < ROWS; i++) {
        run_row(i);
    }
    guest_close(&ada);
    chalk_edge_destroy(&edge);
}
