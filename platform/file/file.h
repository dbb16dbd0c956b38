/* The file source: whatever FFmpeg reads, decoded and given in real time (chalkrail/source.h). */
#ifndef CK_PLATFORM_FILE_H
#define CK_PLATFORM_FILE_H

#include "runtime/media/capture.h"

extern const ck_source_backend ck_file_source;

#endif
