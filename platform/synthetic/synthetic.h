/* The synthetic source: pictures and clicks that carry their own time (chalkrail/source.h). */
#ifndef CK_PLATFORM_SYNTHETIC_H
#define CK_PLATFORM_SYNTHETIC_H

#include "runtime/media/capture.h"

extern const ck_source_backend ck_synthetic_source;

#endif
