#include "runtime/media/intake.h"

#include "base/text.h"
#include "core/aac/config.h"
#include "core/flv/avcc.h"
#include "core/h264/params.h"
#include "core/opus/packet.h"
#include "runtime/media/tags.h"

#include "chalkrail/errors.h"
#include "chalkrail/frame.h"

#define LINE_MS_MAX (INT64_C(1) << 50) /* in microseconds that is within 2^60 */

void ck_intake_restart(ck_intake *in)
{
    in->has_time = false;
}

/* FLV's 32-bit milliseconds on a line that does not wrap, unless a server leaps on and on: where
 * sums of times could overflow its line begins anew. */
static int64_t extend(ck_intake *in, uint32_t ms)
{
    if (!in->has_time) {
        in->has_time = true;
        in->extended_ms = ms;
    } else {
        in->extended_ms += (int32_t)(ms - in->last_ms);
    }
    if (in->extended_ms > LINE_MS_MAX || in->extended_ms < -LINE_MS_MAX) {
        in->extended_ms = ms;
    }
    in->last_ms = ms;
    return in->extended_ms;
}

int ck_intake_tag(ck_intake *in, const ck_flv_tag *tag, uint32_t *media, ck_packet *out,
                  const char **refused)
{
    int status = ck_packet_of_tag(tag, media, out, refused);
    if (status == CHALK_OK) {
        int64_t composition_us = out->pts_us - out->dts_us;
        out->dts_us = out->config ? 0 : extend(in, tag->timestamp_ms) * 1000;
        out->pts_us = out->dts_us + composition_us;
    }
    return status;
}

int64_t ck_intake_time_us(const ck_intake *in, uint32_t timestamp_ms)
{
    return (in->extended_ms + (int32_t)(timestamp_ms - in->last_ms)) * 1000;
}

/* --- what is received ------------------------------------------------------------------------ */

static void describe_video(ck_intake *in, const ck_packet *config)
{
    ck_avcc record;
    ck_h264_sps sps;
    ck_text t = ck_text_of(in->video_shape, sizeof in->video_shape);
    ck_text_add(&t, ck_name_of_codec(config->codec));
    if (config->codec == CHALK_CODEC_H264 &&
        ck_avcc_parse(config->payload.data, config->payload.size, &record) == CHALK_OK &&
        ck_h264_parse_sps(record.sps[0].data, record.sps[0].size, &sps) == CHALK_OK) {
        in->width = (uint32_t)sps.width;
        in->height = (uint32_t)sps.height;
        ck_text_add(&t, " ");
        ck_text_add_u64(&t, sps.width);
        ck_text_add(&t, "x");
        ck_text_add_u64(&t, sps.height);
    }
}

static void describe_audio(ck_intake *in, const ck_packet *config)
{
    ck_aac_config aac;
    ck_text t = ck_text_of(in->audio_shape, sizeof in->audio_shape);
    ck_text_add(&t, ck_name_of_codec(config->codec));
    if (config->codec == CHALK_CODEC_AAC &&
        ck_aac_config_parse(config->payload.data, config->payload.size, &aac) == CHALK_OK) {
        in->sound_us = (uint32_t)((uint64_t)aac.frame_length * 1000000 / aac.sample_rate_hz);
        ck_text_add(&t, " ");
        ck_text_add_u64(&t, aac.sample_rate_hz);
        ck_text_add(&t, " Hz");
    }
}

/* Publishers repeat their configuration; the host is told what changed. */
const char *ck_intake_describe(ck_intake *in, uint32_t media, const ck_packet *config)
{
    if (media == CHALK_MEDIA_VIDEO) {
        describe_video(in, config);
    } else {
        describe_audio(in, config);
    }
    char text[sizeof in->told];
    ck_text t = ck_text_of(text, sizeof text);
    ck_text_add(&t, in->video_shape);
    ck_text_add(&t, in->video_shape[0] != '\0' && in->audio_shape[0] != '\0' ? ", " : "");
    ck_text_add(&t, in->audio_shape);
    if (ck_text_equal(text, in->told)) {
        return NULL;
    }
    (void)ck_text_copy(in->told, sizeof in->told, text); /* the same size */
    return in->told;
}

/* An Opus packet says itself how long it is; the others are as long as their configuration says. */
uint32_t ck_intake_sound_us(const ck_intake *in, const ck_packet *packet)
{
    uint32_t samples = 0;
    if (packet->codec != CHALK_CODEC_OPUS) {
        return in->sound_us;
    }
    int status = ck_opus_packet_samples(packet->payload.data, packet->payload.size, &samples);
    return status == CHALK_OK ? (uint32_t)((uint64_t)samples * 1000000 / CHALK_SAMPLE_RATE) : 0;
}
