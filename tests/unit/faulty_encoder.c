#include "faulty_encoder.h"

#include "media_support.h"
#include "support/check.h"

faulty_plan faulty;
atomic_int faulty_opened, faulty_alive;
atomic_bool faulty_awake;
static atomic_bool starved; /* it has been out of memory */

struct ck_encoder {
    const ck_encoder_backend *real;
    ck_encoder *encoder;
    int pictures;
};

void faulty_reset(faulty_plan plan)
{
    faulty = plan;
    atomic_store(&faulty_opened, 0);
    atomic_store(&faulty_awake, false);
    atomic_store(&starved, false);
}

static const ck_encoder_backend *real_encoder(void)
{
    for (size_t i = 0; ck_codecs.encoders[i] != NULL; i++) {
        if (strcmp(ck_codecs.encoders[i]->name, "openh264") == 0) {
            return ck_codecs.encoders[i];
        }
    }
    return NULL;
}

/* CHALK_OK: it is not this one's turn. SILENT is for the caller. */
static int misbehave(enum faulty_verb verb, bool due)
{
    if (faulty.verb != verb || !due) {
        return CHALK_OK;
    }
    while (faulty.way == FAULTY_HANGS && !atomic_load(&faulty_awake)) {
        media_sleep_until(ck_clock_us() + 5000);
    }
    if (faulty.way == FAULTY_STARVED && !atomic_exchange(&starved, true)) {
        return CHALK_ERR_NO_MEMORY;
    }
    return faulty.way == FAULTY_FAILS ? CHALK_ERR_CODEC : CHALK_OK;
}

static void faulty_close(ck_encoder **encoder)
{
    ck_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    *encoder = NULL;
    (void)misbehave(FAULTY_CLOSE, true);
    e->real->close(&e->encoder);
    ck_free(&ck_heap, e);
    atomic_fetch_sub(&faulty_alive, 1);
}

static int faulty_open(const ck_encoder_config *config, const ck_log *log, ck_encoder **out)
{
    *out = NULL;
    atomic_fetch_add(&faulty_opened, 1);
    atomic_fetch_add(&faulty_alive, 1); /* from now on: what hangs here comes back, too */
    int status = misbehave(FAULTY_OPEN, true);
    ck_encoder *e = ck_new(&ck_heap, sizeof *e);
    if (status == CHALK_OK) {
        status = e != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    if (status == CHALK_OK) {
        e->real = real_encoder();
        status = e->real->open(config, log, &e->encoder);
    }
    if (status < 0) {
        ck_free(&ck_heap, e);
        atomic_fetch_sub(&faulty_alive, 1);
        return status;
    }
    *out = e;
    return CHALK_OK;
}

static int faulty_info(ck_encoder *e, ck_encoder_info *info)
{
    return e->real->info(e->encoder, info);
}

static int faulty_send(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    bool due = e->pictures++ >= faulty.after;
    int status = misbehave(FAULTY_SEND, due);
    if (status < 0 || (due && faulty.verb == FAULTY_SEND && faulty.way == FAULTY_SILENT)) {
        return status;
    }
    return e->real->send_video(e->encoder, frame, pts_us, key);
}

static int faulty_receive(ck_encoder *e, ck_packet *out)
{
    return e->real->receive(e->encoder, out);
}

static int faulty_set_bitrate(ck_encoder *e, uint32_t kbps)
{
    int status = misbehave(FAULTY_BITRATE, true);
    return status < 0 ? status : e->real->set_bitrate(e->encoder, kbps);
}

const ck_encoder_backend faulty_driver = {
    .name = "faulty",
    .codec = CHALK_CODEC_H264,
    .hardware = true,
    .open = faulty_open,
    .info = faulty_info,
    .send_video = faulty_send,
    .receive = faulty_receive,
    .set_bitrate = faulty_set_bitrate,
    .close = faulty_close,
};

ck_codec_set faulty_codecs(bool alone)
{
    static const ck_encoder_backend *both[3], *one[2];
    both[0] = one[0] = &faulty_driver;
    both[1] = real_encoder();
    CK_CHECK(both[1] != NULL);
    ck_codec_set set = ck_codecs;
    set.encoders = alone ? one : both;
    return set;
}
