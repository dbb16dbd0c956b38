/* What tests of the public API share: a runtime with a session, and waiting for one event. */
#ifndef CK_TESTS_API_SUPPORT_H
#define CK_TESTS_API_SUPPORT_H

#include "chalkrail/output.h"
#include "chalkrail/playback.h"
#include "chalkrail/publication.h"
#include "chalkrail/source.h"

#include <stdbool.h>

typedef struct api {
    chalk_runtime *runtime;
    chalk_session *session;
} api;

api api_open(void);
void api_close(api *a);

/* The next event of the kind (and, unless `state` is 0, the state); fails the test after ten
 * seconds. Other events are passed over. */
chalk_event api_wait(api *a, uint32_t kind, uint32_t state);

void api_sleep_ms(int ms);
chalk_source_id api_source(api *a, uint32_t kind);
/* A publication with one track and encoding of each wanted medium of a source. */
typedef struct api_stream {
    chalk_publication_id publication;
    chalk_track_id video_track, audio_track;
    chalk_encoding_id video, audio;
} api_stream;
api_stream api_publish(api *a, chalk_source_id source, bool video, bool audio);

#endif
