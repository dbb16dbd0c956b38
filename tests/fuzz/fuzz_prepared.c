/* Files that are published as they are: one that is taken can be sent, one that is not is refused
 * by an error that the header names. */
#include "chalkrail/codec.h"
#include "chalkrail/errors.h"
#include "chalkrail/output.h"
#include "fuzz/fuzz_file.h"
#include "runtime/media/prepared.h"

#include <stdbool.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_named(int status)
{
    return status == CHALK_ERR_TOO_LARGE || status == CHALK_ERR_BAD_DATA ||
           status == CHALK_ERR_CODEC_UNKNOWN || status == CHALK_ERR_NO_MEDIA ||
           status == CHALK_ERR_NO_MEMORY;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_prepared *p = NULL;
    int status = ck_prepared_load(ck_fuzz_file(data, size), &p);
    if (status != CHALK_OK) {
        if (!is_named(status) || p != NULL) {
            abort();
        }
        return 0;
    }
    uint32_t video = ck_prepared_codec(p, CHALK_MEDIA_VIDEO);
    uint32_t audio = ck_prepared_codec(p, CHALK_MEDIA_AUDIO);
    bool pictures = video == 0 || video == CHALK_CODEC_H264 || video == CHALK_CODEC_VP8;
    bool sound = audio == 0 || audio == CHALK_CODEC_AAC || audio == CHALK_CODEC_OPUS;
    if (!pictures || !sound || (video == 0 && audio == 0)) {
        abort();
    }
    ck_prepared_unref(&p);
    return 0;
}
