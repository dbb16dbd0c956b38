/* Linux: descriptors have names in /proc. */
#include "support/powercut.h"

#include "support/check.h"

#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORTED  __attribute__((visibility("default")))
#define FILES_MAX 4096
#define NAMES_MAX 4096

/* A file or folder is known by its inode: names come and go. `held` keeps one that was removed from
 * being given to another file. */
typedef struct synced_file {
    ino_t inode;
    int held; /* a descriptor, -1: none */
    uint8_t *data;
    size_t size;
} synced_file;

typedef struct synced_name {
    char folder[256]; /* below the watched one; "" is itself */
    char name[256];
    ino_t inode;
    bool is_folder;
} synced_name;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char watched[256];
static synced_file files[FILES_MAX];
static size_t file_count;
static synced_name names[NAMES_MAX];
static size_t name_count;

/* --- writing down -------------------------------------------------------------------------- */

static synced_file *file_of(ino_t inode)
{
    for (size_t i = 0; i < file_count; i++) {
        if (files[i].inode == inode) {
            return &files[i];
        }
    }
    CK_CHECK(file_count < FILES_MAX);
    files[file_count] = (synced_file){.inode = inode, .held = -1};
    return &files[file_count++];
}

static void file_is_synced(int fd, const struct stat *info)
{
    synced_file *file = file_of(info->st_ino);
    file->held = file->held < 0 ? dup(fd) : file->held;
    CK_CHECK(file->held >= 0);
    file->size = (size_t)info->st_size;
    file->data = realloc(file->data, file->size + 1);
    CK_CHECK(file->data != NULL);
    CK_CHECK(pread(fd, file->data, file->size, 0) == (ssize_t)file->size);
}

static void folder_is_synced(const char *below)
{
    char path[1024];
    size_t kept = 0;
    for (size_t i = 0; i < name_count; i++) {
        if (strcmp(names[i].folder, below) != 0) {
            names[kept++] = names[i];
        }
    }
    name_count = kept;
    snprintf(path, sizeof path, "%s%s", watched, below);
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct stat info;
        snprintf(path, sizeof path, "%s%s/%s", watched, below, entry->d_name);
        if (entry->d_name[0] != '.' && stat(path, &info) == 0) {
            CK_CHECK(name_count < NAMES_MAX);
            synced_name *name = &names[name_count++];
            snprintf(name->folder, sizeof name->folder, "%s", below);
            snprintf(name->name, sizeof name->name, "%s", entry->d_name);
            name->inode = info.st_ino;
            name->is_folder = S_ISDIR(info.st_mode);
        }
    }
    closedir(dir);
}

static void is_synced(int fd)
{
    char link[64], path[256];
    struct stat info;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    size_t below = strlen(watched);
    if (below == 0 || strncmp(path, watched, below) != 0 || fstat(fd, &info) != 0) {
        return;
    }
    if (S_ISDIR(info.st_mode)) {
        folder_is_synced(path + below);
    } else {
        file_is_synced(fd, &info);
    }
}

/* What is written down is what the device has at least: before the call returns. The call itself is
 * left out, for nothing is really to survive here. */
static int sync_call(int fd)
{
    pthread_mutex_lock(&lock);
    is_synced(fd);
    pthread_mutex_unlock(&lock);
    return 0;
}

EXPORTED int fdatasync(int fd)
{
    return sync_call(fd);
}

EXPORTED int fsync(int fd)
{
    return sync_call(fd);
}

/* --- leaving ------------------------------------------------------------------------------- */

static void leave_file(const char *path, ino_t inode)
{
    const synced_file *file = file_of(inode);
    FILE *out = fopen(path, "wb");
    CK_CHECK(out != NULL);
    /* One that was never synced is there with its name and without a byte. */
    CK_CHECK(file->size == 0 || fwrite(file->data, 1, file->size, out) == file->size);
    CK_CHECK(fclose(out) == 0);
}

static void leave_folder(const char *out, const char *below)
{
    char path[1024], deeper[600];
    snprintf(path, sizeof path, "%s%s", out, below);
    CK_CHECK(mkdir(path, 0700) == 0);
    for (size_t i = 0; i < name_count; i++) {
        if (strcmp(names[i].folder, below) != 0) {
            continue;
        }
        snprintf(deeper, sizeof deeper, "%s/%s", below, names[i].name);
        snprintf(path, sizeof path, "%s%s", out, deeper);
        if (names[i].is_folder) {
            leave_folder(out, deeper);
        } else {
            leave_file(path, names[i].inode);
        }
    }
}

void powercut_leave(const char *out)
{
    pthread_mutex_lock(&lock);
    leave_folder(out, "");
    pthread_mutex_unlock(&lock);
}

void powercut_watch(const char *folder)
{
    powercut_end();
    pthread_mutex_lock(&lock);
    snprintf(watched, sizeof watched, "%s", folder);
    pthread_mutex_unlock(&lock);
}

void powercut_end(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < file_count; i++) {
        free(files[i].data);
        if (files[i].held >= 0) {
            close(files[i].held);
        }
    }
    file_count = name_count = 0;
    watched[0] = '\0';
    pthread_mutex_unlock(&lock);
}
