/*
 * Files that must be there after a power cut. Plain functions that wait for the device: not for a
 * loop's thread while it serves.
 *
 * Failures are chalk_error values: NOT_FOUND, NO_SPACE, NO_PERMISSION, LIMIT (descriptors), IO, and
 * those that are named. Paths are NUL-terminated, in the system's form. Any thread, a file one at a
 * time.
 */
#ifndef CK_RUNTIME_OS_FILE_H
#define CK_RUNTIME_OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef intptr_t ck_file;
#define CK_FILE_NONE ((ck_file)-1)

int ck_file_open(const char *path, ck_file *out); /* to be read */
/* An empty file, in place of what was there, to which bytes are appended; it can be read too. */
int ck_file_create(const char *path, ck_file *out);
void ck_file_close(ck_file *f); /* clears it; CK_FILE_NONE is accepted */

/* All of it, or an error: then a part of it may be there. */
int ck_file_append(ck_file f, const void *data, size_t size);
/* *got is less than `size` at the end of the file alone. */
int ck_file_read(ck_file f, uint64_t offset, void *data, size_t size, size_t *got);
int ck_file_size(ck_file f, uint64_t *size);
int ck_file_time(const char *path, uint64_t *unix_s); /* when it was last written */
int ck_file_cut(const char *path, uint64_t size);     /* to its first `size` bytes */

/* What was appended is on the device. After a failure it is not known which of it is, and a second
 * call that succeeds says nothing of it. */
int ck_file_sync(ck_file f);
/* Reads come from the device and not from memory, as far as the system does that. Best effort. */
void ck_file_drop_cache(ck_file f);

/* Takes a file's place under its name, at once. ck_folder_sync makes it last. */
int ck_file_rename(const char *from, const char *to);
int ck_file_remove(const char *path);
/* Makes the file if it is not there and holds it until it is closed or the process ends, however
 * that ends. DEVICE_BUSY: somebody holds it. */
int ck_file_lock(const char *path, ck_file *out);

int ck_folder_make(const char *path);   /* CHALK_OK if it is there */
int ck_folder_remove(const char *path); /* an empty one */
int ck_folder_sync(const char *path); /* names made, changed and removed in it are on the device */
/* Calls `each` for every name in it but "." and ".."; ends when that returns an error, with it. */
int ck_folder_list(const char *path, int (*each)(void *user, const char *name), void *user);

#endif
