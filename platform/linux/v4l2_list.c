/* The cameras as devices. */
#include "platform/linux/v4l2_source.h"

#include "platform/linux/v4l2_node.h"

#include "base/text.h"

typedef struct device_list {
    const ck_v4l2_port *port;
    chalk_device *out;
    size_t capacity;
    size_t count;         /* found, which may be more than fit */
    ck_v4l2_modes *modes; /* of the camera at hand */
} device_list;

static void read_largest(const ck_v4l2_modes *modes, chalk_device *device)
{
    int64_t largest = 0;
    for (size_t i = 0; i < modes->count; i++) {
        const chalk_camera_mode *m = &modes->modes[i];
        int64_t pixels = (int64_t)m->width * m->height;
        if (pixels > largest) {
            largest = pixels;
            device->width = m->width;
            device->height = m->height;
        }
    }
}

/* A camera whose pictures are of no use here is none that a person could choose. */
static bool add_camera(void *user, const ck_v4l2_node *node, int fd)
{
    device_list *list = user;
    ck_v4l2_read_modes(list->port, fd, list->modes);
    if (list->modes->count == 0) {
        return false;
    }
    if (list->count < list->capacity) {
        chalk_device *d = &list->out[list->count];
        *d = (chalk_device){.kind = CHALK_DEVICE_CAMERA, .is_default = list->count == 0};
        (void)ck_text_copy(d->id, sizeof d->id, node->id);
        (void)ck_text_copy(d->name, sizeof d->name, node->name);
        read_largest(list->modes, d);
    }
    list->count++;
    return false;
}

int ck_v4l2_list(const ck_v4l2_port *port, chalk_device *out, size_t capacity, size_t *count,
                 const ck_log *log)
{
    device_list list = {port, out, capacity, 0, ck_new(&ck_heap, sizeof *list.modes)};
    if (list.modes == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_v4l2_trouble denied;
    (void)ck_v4l2_survey(port, add_camera, &list, &denied);
    if (denied.status != CHALK_OK && denied.status != CHALK_ERR_NO_DEVICE) {
        ck_logf(log, CHALK_LOG_WARNING, "camera", "%s", denied.text);
    }
    *count = list.count;
    ck_free(&ck_heap, list.modes);
    return CHALK_OK;
}

int ck_v4l2_list_modes(const ck_v4l2_port *port, const char *device, chalk_camera_mode *out,
                       size_t capacity, size_t *count, const ck_log *log)
{
    ck_v4l2_modes *modes = ck_new(&ck_heap, sizeof *modes);
    if (modes == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_v4l2_node node;
    ck_v4l2_trouble trouble;
    int fd;
    int status = ck_v4l2_find(port, device, &node, &fd, modes, &trouble);
    if (status == CHALK_OK) {
        port->close(port->user, fd);
        for (size_t i = 0; i < modes->count && i < capacity; i++) {
            out[i] = modes->modes[i];
        }
        *count = modes->count;
    } else {
        ck_logf(log, CHALK_LOG_WARNING, "camera", "%s", trouble.text);
    }
    ck_free(&ck_heap, modes);
    return status;
}

static int system_list(chalk_device *out, size_t capacity, size_t *count, const ck_log *log)
{
    return ck_v4l2_list(&ck_v4l2_system, out, capacity, count, log);
}

static int system_modes(const char *device, chalk_camera_mode *out, size_t capacity, size_t *count,
                        const ck_log *log)
{
    return ck_v4l2_list_modes(&ck_v4l2_system, device, out, capacity, count, log);
}

static int system_watch(void)
{
    return ck_v4l2_system.watch(ck_v4l2_system.user);
}

static bool system_watched(int fd)
{
    return ck_v4l2_system.watched(ck_v4l2_system.user, fd);
}

static void system_unwatch(int fd)
{
    ck_v4l2_system.close(ck_v4l2_system.user, fd);
}

const ck_device_backend ck_v4l2_devices = {
    .name = "v4l2",
    .list = system_list,
    .camera_modes = system_modes,
    .watch = system_watch,
    .watched = system_watched,
    .unwatch = system_unwatch,
};
