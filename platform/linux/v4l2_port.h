/*
 * What the camera code asks of the system, as a table, so that tests can stand a recorded camera
 * with faults in its place. Descriptors are real ones in both cases and are waited for with
 * poll(2); a failure is a negative errno.
 *
 * Thread: any.
 */
#ifndef CK_PLATFORM_V4L2_PORT_H
#define CK_PLATFORM_V4L2_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_v4l2_port {
    /* The numbers N of the nodes /dev/videoN, ascending; how many, at most `capacity`. */
    size_t (*nodes)(void *user, uint32_t *out, size_t capacity);
    int (*open)(void *user, uint32_t node); /* a non-blocking descriptor, or -errno */
    void (*close)(void *user, int fd);
    int (*ioctl)(void *user, int fd, unsigned long request, void *argument); /* 0 or -errno */
    void *(*map)(void *user, int fd, size_t length, uint32_t offset);        /* NULL: it failed */
    void (*unmap)(void *user, void *at, size_t length);
    /* A descriptor that becomes readable when a node comes, goes or changes its rights; -errno. */
    int (*watch)(void *user);
    bool (*watched)(void *user, int fd); /* empties it; true when a video node was among it */
    /* Who has the node open, for people ("cheese, process 4711"); false when that cannot be seen.
     */
    bool (*holder)(void *user, uint32_t node, char *out, size_t size);
    void *user;
} ck_v4l2_port;

extern const ck_v4l2_port ck_v4l2_system;

#endif
