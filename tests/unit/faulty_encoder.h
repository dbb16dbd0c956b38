/*
 * Encoders with the faults of drivers: an encoder of the build that works, until it does what it is
 * told. One at a time; the faults are set before anything is opened.
 */
#ifndef CK_TESTS_FAULTY_ENCODER_H
#define CK_TESTS_FAULTY_ENCODER_H

#include "runtime/media/codec.h"

#include <stdatomic.h>

enum faulty_verb { FAULTY_NOTHING, FAULTY_OPEN, FAULTY_SEND, FAULTY_BITRATE, FAULTY_CLOSE };
/* STARVED: out of memory, once. */
enum faulty_way { FAULTY_FAILS = 1, FAULTY_HANGS, FAULTY_SILENT, FAULTY_STARVED };

typedef struct faulty_plan {
    enum faulty_verb verb;
    enum faulty_way way;
    int after; /* pictures that go well first; the trial's is one of them */
} faulty_plan;

extern faulty_plan faulty;
extern atomic_int faulty_opened; /* how often it was asked to open */
extern atomic_int faulty_alive;  /* encoders that were not closed */
extern atomic_bool faulty_awake; /* what hangs goes on once this is set */

void faulty_reset(faulty_plan plan);

extern const ck_encoder_backend faulty_driver; /* hardware, "faulty" */
/* The build's codecs, but of encoders only the driver and behind it openh264, or the driver alone.
 */
ck_codec_set faulty_codecs(bool alone);

#endif
