/* The null source: black and silence, faults on demand (chalkrail/source.h, enum chalk_null_fault).
 */
#ifndef CK_PLATFORM_NULL_H
#define CK_PLATFORM_NULL_H

#include "runtime/media/capture.h"

extern const ck_source_backend ck_null_source;

#endif
