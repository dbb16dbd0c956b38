/*
 * The system itself. Nodes are found and watched in /dev alone: that works with udev and without,
 * and in a container that was given a single node.
 */
#include "platform/linux/v4l2_port.h"

#include "platform/linux/v4l2_holder.h"

#include "base/check.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define DIRECTORY   "/dev"
#define NODE_PREFIX "video"
#define NODE_MAX    9999u

static bool read_node(const char *name, uint32_t *out)
{
    uint64_t number = 0;
    bool is_node = ck_text_starts(name, NODE_PREFIX) &&
                   ck_text_u64(name + strlen(NODE_PREFIX), NODE_MAX, &number);
    *out = (uint32_t)number;
    return is_node;
}

/* Keeps the lowest numbers when there are more than fit. */
static void insert(uint32_t *nodes, size_t capacity, size_t *count, uint32_t node)
{
    size_t at = *count;
    while (at > 0 && nodes[at - 1] > node) {
        at--;
    }
    if (at == capacity) {
        return;
    }
    size_t last = *count < capacity ? (*count)++ : capacity - 1;
    memmove(&nodes[at + 1], &nodes[at], (last - at) * sizeof *nodes);
    nodes[at] = node;
}

static size_t system_nodes(void *user, uint32_t *out, size_t capacity)
{
    (void)user;
    size_t count = 0;
    DIR *folder = opendir(DIRECTORY);
    if (folder == NULL) {
        return 0;
    }
    uint32_t node;
    for (const struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
        if (read_node(e->d_name, &node)) {
            insert(out, capacity, &count, node);
        }
    }
    closedir(folder);
    return count;
}

static int system_open(void *user, uint32_t node)
{
    (void)user;
    char path[32];
    snprintf(path, sizeof path, DIRECTORY "/" NODE_PREFIX "%u", (unsigned)node);
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}

static void system_close(void *user, int fd)
{
    (void)user;
    close(fd);
}

static int system_ioctl(void *user, int fd, unsigned long request, void *argument)
{
    (void)user;
    int result;
    do {
        result = ioctl(fd, request, argument);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}

static void *system_map(void *user, int fd, size_t length, uint32_t offset)
{
    (void)user;
    void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
    return at != MAP_FAILED ? at : NULL;
}

static void system_unmap(void *user, void *at, size_t length)
{
    (void)user;
    munmap(at, length);
}

static int system_watch(void *user)
{
    (void)user;
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0) {
        return -errno;
    }
    /* Rights are given a moment after a node was made, which is a change of its attributes. */
    if (inotify_add_watch(fd, DIRECTORY, IN_CREATE | IN_DELETE | IN_ATTRIB) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

static bool system_watched(void *user, int fd)
{
    (void)user;
    bool video = false;
    union {
        struct inotify_event event; /* for its alignment */
        char bytes[4096];
    } buffer;
    for (ssize_t got = read(fd, buffer.bytes, sizeof buffer.bytes); got > 0;
         got = read(fd, buffer.bytes, sizeof buffer.bytes)) {
        for (size_t at = 0; at + sizeof(struct inotify_event) <= (size_t)got;) {
            struct inotify_event event;
            memcpy(&event, buffer.bytes + at, sizeof event);
            const char *name = buffer.bytes + at + sizeof event;
            /* Events that were lost may have been about a camera. */
            video = video || (event.mask & IN_Q_OVERFLOW) != 0 ||
                    (event.len > 0 && ck_text_starts(name, NODE_PREFIX));
            at += sizeof event + event.len;
        }
    }
    return video;
}

static bool system_holder(void *user, uint32_t node, char *out, size_t size)
{
    (void)user;
    char path[32];
    snprintf(path, sizeof path, DIRECTORY "/" NODE_PREFIX "%u", (unsigned)node);
    return ck_v4l2_holder(path, out, size);
}

const ck_v4l2_port ck_v4l2_system = {
    .nodes = system_nodes,
    .open = system_open,
    .close = system_close,
    .ioctl = system_ioctl,
    .map = system_map,
    .unmap = system_unmap,
    .watch = system_watch,
    .watched = system_watched,
    .holder = system_holder,
};
