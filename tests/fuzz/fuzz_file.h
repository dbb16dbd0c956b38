/* The fuzzer's bytes as a file, for what reads one by its name. */
#ifndef CK_FUZZ_FILE_H
#define CK_FUZZ_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The same file each time, with other bytes; it has no name of its own that could stay behind. */
static const char *ck_fuzz_file(const uint8_t *data, size_t size)
{
    static FILE *file;
    static char path[32];
    if (file == NULL) {
        file = tmpfile();
    }
    if (file == NULL || ftruncate(fileno(file), 0) != 0 ||
        pwrite(fileno(file), data, size, 0) != (ssize_t)size) {
        abort();
    }
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
    return path;
}

#endif
