/*
 * Whether a window of this program lies in what is captured of a screen, so that viewers may see
 * themselves: of this process, or of another one of the same program (a player beside a publisher).
 * Told once.
 *
 * Thread: one at a time, with SIGPIPE blocked.
 */
#ifndef CK_PLATFORM_X11_MIRROR_H
#define CK_PLATFORM_X11_MIRROR_H

#include "platform/linux/x11_target.h"

typedef struct ck_x11_mirror {
    bool stale; /* windows came or moved since the last look */
    bool told;
    uint64_t looked_us;
} ck_x11_mirror;

/* When it wants to look; UINT64_MAX: never. */
uint64_t ck_x11_mirror_deadline(const ck_x11_mirror *mirror);
/* Looks when it is due. True once, when it has found such a window. */
bool ck_x11_mirror_look(ck_x11_mirror *mirror, const ck_x11_display *d, const ck_x11_target *target,
                        uint64_t now_us);

#endif
