#define _XOPEN_SOURCE 700 /* nftw */
#include "support/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX 16 /* descriptors that nftw may use */

static char root[CK_TEST_FOLDER_MAX] = "/tmp";

static void make(char out[CK_TEST_FOLDER_MAX], const char *name)
{
    snprintf(out, CK_TEST_FOLDER_MAX, "%.24s/chalk-%s-XXXXXX", root, name);
    if (mkdtemp(out) == NULL) {
        perror(out);
        abort();
    }
}

void ck_test_folder(char out[CK_TEST_FOLDER_MAX])
{
    make(out, "test");
}

void ck_test_folders_begin(void)
{
    char made[CK_TEST_FOLDER_MAX];
    make(made, "oom");
    snprintf(root, sizeof root, "%s", made);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    return remove(path);
}

void ck_test_folders_end(void)
{
    if (nftw(root, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS) != 0) {
        perror(root);
    }
    snprintf(root, sizeof root, "/tmp");
}
