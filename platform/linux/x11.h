/* The X11 backends: screens, windows, and the list of both. */
#ifndef CK_PLATFORM_X11_H
#define CK_PLATFORM_X11_H

#include "runtime/media/capture.h"

extern const ck_source_backend ck_x11_screen;
extern const ck_source_backend ck_x11_window;
extern const ck_device_backend ck_x11_devices;

#endif
