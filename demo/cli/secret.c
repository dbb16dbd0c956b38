#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(int file, cli_secret *out)
{
    while (out->size < sizeof out->bytes) {
        ssize_t got = read(file, out->bytes + out->size, sizeof out->bytes - out->size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0;
        }
        out->size += (size_t)got;
    }
    return true;
}

static void cut_line_end(cli_secret *secret)
{
    if (secret->size > 0 && secret->bytes[secret->size - 1] == '\n') {
        secret->size--;
        if (secret->size > 0 && secret->bytes[secret->size - 1] == '\r') {
            secret->size--;
        }
    }
}

bool cli_secret_read(cli_report *r, const char *path, cli_secret *out)
{
    out->size = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info = {0};
    bool read_fine = file >= 0 && fstat(file, &info) == 0 && read_all(file, out);
    int error = errno;
    if (file >= 0) {
        (void)close(file);
    }
    if (!read_fine) {
        (void)cli_fail(r, "cannot read the secret %s: %s", path, strerror(error));
        return false;
    }
    cut_line_end(out);
    if (out->size < CHALK_SECRET_MIN || out->size > CHALK_SECRET_MAX) {
        (void)cli_fail(r,
                       "the secret in %s has %s than %d bytes; make one with: "
                       "openssl rand -hex 32 > %s",
                       path, out->size < CHALK_SECRET_MIN ? "less" : "more",
                       out->size < CHALK_SECRET_MIN ? CHALK_SECRET_MIN : CHALK_SECRET_MAX, path);
        cli_secret_wipe(out);
        return false;
    }
    if (S_ISREG(info.st_mode) && (info.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        cli_warn(r, "other users may read the secret %s; chmod 600 %s", path, path);
    }
    return true;
}

void cli_secret_wipe(cli_secret *secret)
{
    /* volatile: a plain memset of memory that is not read again may be left out. */
    volatile char *bytes = secret->bytes;
    for (size_t i = 0; i < sizeof secret->bytes; i++) {
        bytes[i] = 0;
    }
    secret->size = 0;
}
