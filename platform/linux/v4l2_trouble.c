#include "platform/linux/v4l2_trouble.h"

#include "base/text.h"

#include <errno.h>
#include <uv.h>

/* A camera means other things by its numbers than a connection (runtime/os/error.h). */
static int status_of(int error)
{
    switch (error) {
    case ENODEV:
    case ENXIO:
    case ENOENT:
        return CHALK_ERR_NO_DEVICE;
    case EBUSY:
        return CHALK_ERR_DEVICE_BUSY;
    case EACCES:
    case EPERM:
        return CHALK_ERR_NO_PERMISSION;
    case ENOMEM:
        return CHALK_ERR_NO_MEMORY;
    case EMFILE:
    case ENFILE:
    case ENOSPC:
        return CHALK_ERR_LIMIT;
    case EINVAL:
    case ENOTTY:
        return CHALK_ERR_UNSUPPORTED;
    default:
        return CHALK_ERR_IO;
    }
}

static void say_busy(ck_text *text, const ck_v4l2_port *port, uint32_t node)
{
    char holder[96];
    ck_text_add(text, "another program uses the camera");
    if (port->holder(port->user, node, holder, sizeof holder)) {
        ck_text_add(text, " (");
        ck_text_add(text, holder);
        ck_text_add(text, ")");
    }
    ck_text_add(text, "; close it there");
}

static void say_denied(ck_text *text, uint32_t node)
{
    ck_text_add(text, "no right to open /dev/video");
    ck_text_add_u64(text, node);
    ck_text_add(text, ": add the user to the group that owns it, usually with `usermod -aG video "
                      "USER`, and log in anew");
}

int ck_v4l2_trouble_of(ck_v4l2_trouble *t, const ck_v4l2_port *port, uint32_t node, int error,
                       const char *doing)
{
    ck_text text = ck_text_of(t->text, sizeof t->text);
    t->status = status_of(-error);
    if (t->status == CHALK_ERR_DEVICE_BUSY) {
        say_busy(&text, port, node);
    } else if (t->status == CHALK_ERR_NO_PERMISSION) {
        say_denied(&text, node);
    } else if (t->status == CHALK_ERR_NO_DEVICE) {
        ck_text_add(&text, "the camera is not plugged in");
    } else if (error == -ENOSPC) {
        ck_text_add(&text, "the USB bus has no room for this camera beside others: use another "
                           "port, or a smaller picture");
    } else {
        ck_text_add(&text, "the camera ");
        ck_text_add(&text, doing);
        ck_text_add(&text, ": ");
        char reason[64];
        ck_text_add(&text, uv_strerror_r(error, reason, sizeof reason)); /* -errno is libuv's too */
    }
    return t->status;
}

int ck_v4l2_trouble_set(ck_v4l2_trouble *t, int status, const char *text)
{
    t->status = status;
    (void)ck_text_copy(t->text, sizeof t->text, text);
    return status;
}
