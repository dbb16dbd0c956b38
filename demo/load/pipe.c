#include "load/load.h"

#include <errno.h>
#include <unistd.h>

static bool write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        size_t moved = written > 0 ? (size_t)written : 0;
        at += moved;
        size -= moved;
    }
    return true;
}

bool load_send(int fd, enum load_message_kind kind, uint32_t room, const void *data, size_t size)
{
    const load_message head = {.kind = (uint32_t)kind, .room = room, .size = (uint32_t)size};
    return write_all(fd, &head, sizeof head) && write_all(fd, data, size);
}
