#include "platform/linux/v4l2_node.h"

#include "base/text.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>

#define ID_PREFIX   "v4l2:"
#define PATH_PREFIX "/dev/video"

/* A name that the driver wrote into a fixed field: perhaps unterminated, perhaps no UTF-8. */
static void add_field(ck_text *text, const void *field, size_t size)
{
    const char *at = field;
    const char *end = memchr(at, '\0', size);
    size_t length = end != NULL ? (size_t)(end - at) : size;
    ck_text_add_n(text, at, ck_utf8_valid_prefix(at, length));
}

/* Nodes of one camera that give no pictures (statistics, metadata), outputs, radios, and cameras of
 * boards whose pictures come in several planes of memory are none of ours. */
static bool is_camera(const struct v4l2_capability *c)
{
    uint32_t does =
        (c->capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? c->device_caps : c->capabilities;
    return (does & V4L2_CAP_VIDEO_CAPTURE) != 0 && (does & V4L2_CAP_STREAMING) != 0;
}

/* The ids of the cameras before this one. */
typedef struct known_ids {
    size_t count;
    char ids[CK_V4L2_NODES_MAX][CHALK_DEVICE_TEXT_MAX];
    uint32_t seen[CK_V4L2_NODES_MAX]; /* cameras of that id */
} known_ids;

/* How many cameras of this id there are, this one included. */
static uint32_t count_id(known_ids *known, const char *id)
{
    for (size_t i = 0; i < known->count; i++) {
        if (strcmp(known->ids[i], id) == 0) {
            return ++known->seen[i];
        }
    }
    if (known->count < CK_V4L2_NODES_MAX) {
        (void)ck_text_copy(known->ids[known->count], CHALK_DEVICE_TEXT_MAX, id);
        known->seen[known->count++] = 1;
    }
    return 1;
}

static void describe(ck_v4l2_node *node, const struct v4l2_capability *c, known_ids *known)
{
    ck_text name = ck_text_of(node->name, sizeof node->name);
    add_field(&name, c->card, sizeof c->card);
    ck_text id = ck_text_of(node->id, sizeof node->id);
    ck_text_add(&id, ID_PREFIX);
    add_field(&id, c->bus_info, sizeof c->bus_info);
    ck_text_add(&id, ":");
    ck_text_add(&id, node->name);
    uint32_t ordinal = count_id(known, node->id);
    if (ordinal > 1) {
        ck_text_add(&id, "#");
        ck_text_add_u64(&id, ordinal);
    }
}

size_t ck_v4l2_survey(const ck_v4l2_port *port, ck_v4l2_visit visit, void *user,
                      ck_v4l2_trouble *denied)
{
    uint32_t numbers[CK_V4L2_NODES_MAX];
    size_t count = port->nodes(port->user, numbers, CK_V4L2_NODES_MAX);
    known_ids known = {0};
    *denied = (ck_v4l2_trouble){0};
    for (size_t i = 0; i < count; i++) {
        int fd = port->open(port->user, numbers[i]);
        if (fd < 0) {
            if (denied->status == CHALK_OK) {
                ck_v4l2_trouble_of(denied, port, numbers[i], fd, "cannot be opened");
            }
            continue;
        }
        struct v4l2_capability c = {0};
        bool asked = port->ioctl(port->user, fd, VIDIOC_QUERYCAP, &c) == 0;
        if (asked && is_camera(&c)) {
            ck_v4l2_node node = {.number = numbers[i]};
            describe(&node, &c, &known);
            if (visit(user, &node, fd)) {
                return count;
            }
        }
        port->close(port->user, fd);
    }
    return count;
}

typedef struct search {
    const ck_v4l2_port *port;
    const char *wanted; /* "": the first that has a mode */
    uint64_t number;    /* UINT64_MAX: not asked for by its node */
    ck_v4l2_node *node;
    int *fd;
    ck_v4l2_modes *modes;
    bool found; /* the camera is there, perhaps without a mode */
} search;

static bool is_wanted(void *user, const ck_v4l2_node *node, int fd)
{
    search *s = user;
    bool any = s->wanted[0] == '\0';
    if (!any && node->number != s->number && strcmp(node->id, s->wanted) != 0) {
        return false;
    }
    ck_v4l2_read_modes(s->port, fd, s->modes);
    s->found = true;
    if (s->modes->count == 0) {
        return false;
    }
    *s->node = *node;
    *s->fd = fd;
    return true;
}

/* Why a node that was named is no camera. */
static int explain_node(const search *s, ck_v4l2_trouble *trouble)
{
    uint32_t number = (uint32_t)s->number;
    int fd = s->port->open(s->port->user, number);
    if (fd < 0) {
        return ck_v4l2_trouble_of(trouble, s->port, number, fd, "cannot be opened");
    }
    s->port->close(s->port->user, fd);
    return ck_v4l2_trouble_set(trouble, CHALK_ERR_UNSUPPORTED, "this node is no camera");
}

/* A camera that cannot be opened has no id: where one is missing, that is the likely reason. */
static int explain_absence(const search *s, const ck_v4l2_trouble *denied, ck_v4l2_trouble *trouble)
{
    if (s->found) {
        return ck_v4l2_trouble_set(trouble, CHALK_ERR_UNSUPPORTED,
                                   "the camera has no picture in a format that is known here");
    }
    if (s->number <= UINT32_MAX) {
        return explain_node(s, trouble);
    }
    bool telling = denied->status != CHALK_OK && denied->status != CHALK_ERR_NO_DEVICE;
    if (telling) {
        *trouble = *denied;
        return trouble->status;
    }
    return ck_v4l2_trouble_set(trouble, CHALK_ERR_NO_DEVICE,
                               s->wanted[0] != '\0' ? "the camera is not plugged in"
                                                    : "there is no camera");
}

int ck_v4l2_find(const ck_v4l2_port *port, const char *device, ck_v4l2_node *node, int *fd,
                 ck_v4l2_modes *modes, ck_v4l2_trouble *trouble)
{
    search s = {.port = port,
                .wanted = device != NULL ? device : "",
                .number = UINT64_MAX,
                .node = node,
                .fd = fd,
                .modes = modes};
    if (ck_text_starts(s.wanted, PATH_PREFIX)) {
        (void)ck_text_u64(s.wanted + strlen(PATH_PREFIX), UINT32_MAX, &s.number);
    }
    *fd = -1;
    modes->count = 0;
    *trouble = (ck_v4l2_trouble){0};
    ck_v4l2_trouble denied;
    (void)ck_v4l2_survey(port, is_wanted, &s, &denied);
    return *fd >= 0 ? CHALK_OK : explain_absence(&s, &denied, trouble);
}
