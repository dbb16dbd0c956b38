/* Linux: flock(2) is not POSIX, whose own locks end when any descriptor of the file is closed; and
 * fdatasync(2) waits for the device's cache, which not every POSIX system promises. */
#define _GNU_SOURCE
#include "runtime/os/file.h"

#include "chalkrail/errors.h"
#include "runtime/os/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

int ck_file_sync(ck_file f)
{
    int result;
    do {
        result = fdatasync((int)f);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? ck_error_of_errno(errno) : CHALK_OK;
}

int ck_file_lock(const char *path, ck_file *out)
{
    *out = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*out < 0) {
        return ck_error_of_errno(errno);
    }
    if (flock((int)*out, LOCK_EX | LOCK_NB) == 0) {
        return CHALK_OK;
    }
    int status = errno == EWOULDBLOCK ? CHALK_ERR_DEVICE_BUSY : ck_error_of_errno(errno);
    ck_file_close(out);
    return status;
}
