/* Which program has a file open, as far as this user may see it (proc(5), /proc/PID/fd). */
#ifndef CK_PLATFORM_V4L2_HOLDER_H
#define CK_PLATFORM_V4L2_HOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* Writes "NAME, process NUMBER" of the first that is found, this process last, as "this program".
 * False when none is: other users' processes cannot be looked into. */
bool ck_v4l2_holder(const char *path, char *out, size_t size);

#endif
