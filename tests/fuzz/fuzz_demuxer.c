/* Segments from servers: whatever comes, packets keep to what players rely on. */
#include "chalkrail/codec.h"
#include "chalkrail/errors.h"
#include "core/aac/config.h"
#include "core/flv/avcc.h"
#include "runtime/media/codec.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(uint32_t media, const ck_packet *packet)
{
    ck_avcc record;
    bool video = media == CHALK_MEDIA_VIDEO;
    bool codec = packet->codec == (video ? CHALK_CODEC_H264 : CHALK_CODEC_AAC);
    if (!codec || packet->payload.size == 0) {
        abort();
    }
    if (video && packet->config) {
        (void)ck_avcc_parse(packet->payload.data, packet->payload.size, &record);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_demuxer *d = NULL;
    ck_packet packet;
    uint32_t media = 0;
    const char *refused = NULL;
    if (ck_codecs.demuxer_open(NULL, &d) != CHALK_OK) {
        return 0;
    }
    int status = ck_codecs.demuxer_send(d, data, size);
    if (status == CHALK_OK) {
        status = ck_codecs.demuxer_end(d);
    }
    while (status == CHALK_OK) {
        status = ck_codecs.demuxer_receive(d, &media, &packet, &refused);
        if (status == CHALK_OK) {
            check(media, &packet);
            ck_packet_unref(&packet);
        } else if (status == CHALK_ERR_CODEC_UNKNOWN && refused == NULL) {
            abort();
        }
    }
    ck_codecs.demuxer_close(&d);
    return 0;
}
