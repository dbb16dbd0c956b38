/*
 * The cameras among the video nodes, and what each can do.
 *
 * A camera's id is "v4l2:BUS:CARD", with "#2" and so on behind it for further cameras of the same
 * name at the same place, in the order of their nodes. BUS says where it is plugged in and CARD
 * what it is, both as the driver states them, so the id is the same after a restart, whatever
 * numbers the nodes got; in another socket the camera has another one. (The names in /dev/v4l/by-id
 * carry serial numbers instead, but need udev, and many cameras of one make have the same serial
 * number.)
 *
 * Thread: one at a time for each object.
 */
#ifndef CK_PLATFORM_V4L2_NODE_H
#define CK_PLATFORM_V4L2_NODE_H

#include "chalkrail/device.h"

#include "platform/linux/v4l2_trouble.h"

#define CK_V4L2_NODES_MAX 64
#define CK_V4L2_MODES_MAX 512

typedef struct ck_v4l2_node {
    uint32_t number; /* of /dev/videoN */
    char id[CHALK_DEVICE_TEXT_MAX];
    char name[CHALK_DEVICE_TEXT_MAX];
} ck_v4l2_node;

typedef struct ck_v4l2_modes {
    size_t count;
    chalk_camera_mode modes[CK_V4L2_MODES_MAX];
} ck_v4l2_modes;

/* What is called for each camera, in the order of the nodes. True keeps `fd` and ends the survey;
 * otherwise it is closed. */
typedef bool (*ck_v4l2_visit)(void *user, const ck_v4l2_node *node, int fd);

/* Visits every camera that can be opened. Returns how many nodes there are; `denied` receives the
 * trouble with the first one that could not be asked (status CHALK_OK: none). */
size_t ck_v4l2_survey(const ck_v4l2_port *port, ck_v4l2_visit visit, void *user,
                      ck_v4l2_trouble *denied);

/* Opens a camera by its id or by "/dev/videoN"; NULL or "" is the first one that has a mode. On
 * CHALK_OK `fd` is the caller's and `modes` holds what it can do; otherwise `trouble` says why. */
int ck_v4l2_find(const ck_v4l2_port *port, const char *device, ck_v4l2_node *node, int *fd,
                 ck_v4l2_modes *modes, ck_v4l2_trouble *trouble);

/* Everything that the camera lists and we can use. Sizes and rates that it states as ranges are
 * listed as the usual ones within them. Bounded, whatever the driver answers. */
void ck_v4l2_read_modes(const ck_v4l2_port *port, int fd, ck_v4l2_modes *out);

/* The fourcc of a chalk_camera_format, and back; 0 for what is neither. */
uint32_t ck_v4l2_fourcc(uint32_t format);
uint32_t ck_v4l2_format(uint32_t fourcc);

#endif
