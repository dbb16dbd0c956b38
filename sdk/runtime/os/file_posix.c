#include "runtime/os/file.h"

#include "chalkrail/errors.h"
#include "runtime/os/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE   0600 /* what is said in a class is nobody else's business */
#define FOLDER_MODE 0700

static int status_of(int result)
{
    return result < 0 ? ck_error_of_errno(errno) : CHALK_OK;
}

static int open_with(const char *path, int flags, ck_file *out)
{
    int fd = -1;
    do {
        fd = open(path, flags | O_CLOEXEC, FILE_MODE);
    } while (fd < 0 && errno == EINTR);
    *out = fd;
    return status_of(fd);
}

int ck_file_open(const char *path, ck_file *out)
{
    return open_with(path, O_RDONLY, out);
}

int ck_file_create(const char *path, ck_file *out)
{
    return open_with(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, out);
}

void ck_file_close(ck_file *f)
{
    if (*f != CK_FILE_NONE) {
        /* What had to last was synced before, so nothing depends on what close says. */
        (void)close((int)*f);
        *f = CK_FILE_NONE;
    }
}

int ck_file_append(ck_file f, const void *data, size_t size)
{
    const uint8_t *at = data;
    while (size > 0) {
        ssize_t written = write((int)f, at, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return written < 0 ? ck_error_of_errno(errno) : CHALK_ERR_IO;
        }
        at += written;
        size -= (size_t)written;
    }
    return CHALK_OK;
}

int ck_file_read(ck_file f, uint64_t offset, void *data, size_t size, size_t *got)
{
    uint8_t *at = data;
    *got = 0;
    while (*got < size) {
        ssize_t n = pread((int)f, at + *got, size - *got, (off_t)(offset + *got));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return status_of((int)n);
        }
        *got += (size_t)n;
    }
    return CHALK_OK;
}

int ck_file_size(ck_file f, uint64_t *size)
{
    struct stat info = {0};
    int status = status_of(fstat((int)f, &info));
    *size = status == CHALK_OK ? (uint64_t)info.st_size : 0;
    return status;
}

int ck_file_time(const char *path, uint64_t *unix_s)
{
    struct stat info = {0};
    int status = status_of(stat(path, &info));
    *unix_s = info.st_mtime > 0 ? (uint64_t)info.st_mtime : 0;
    return status;
}

int ck_file_cut(const char *path, uint64_t size)
{
    int result;
    do {
        result = truncate(path, (off_t)size);
    } while (result < 0 && errno == EINTR);
    return status_of(result);
}

void ck_file_drop_cache(ck_file f)
{
    (void)posix_fadvise((int)f, 0, 0, POSIX_FADV_DONTNEED);
}

int ck_file_rename(const char *from, const char *to)
{
    return status_of(rename(from, to));
}

int ck_file_remove(const char *path)
{
    return status_of(unlink(path));
}

int ck_folder_make(const char *path)
{
    int status = status_of(mkdir(path, FOLDER_MODE));
    struct stat info;
    bool there = status < 0 && errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    return there ? CHALK_OK : status;
}

int ck_folder_remove(const char *path)
{
    return status_of(rmdir(path));
}

int ck_folder_sync(const char *path)
{
    ck_file folder = CK_FILE_NONE;
    int status = open_with(path, O_RDONLY | O_DIRECTORY, &folder);
    if (status == CHALK_OK) {
        status = status_of(fsync((int)folder));
    }
    ck_file_close(&folder);
    return status;
}

int ck_folder_list(const char *path, int (*each)(void *user, const char *name), void *user)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return ck_error_of_errno(errno);
    }
    int status = CHALK_OK;
    while (status == CHALK_OK) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL) {
            status = ck_error_of_errno(errno);
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            status = each(user, entry->d_name);
        }
    }
    (void)closedir(folder); /* it was read alone */
    return status;
}
