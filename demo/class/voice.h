/*
 * A teacher's voice that nobody has to record: a pulse train through three formants, in syllables
 * and phrases, with a click at each whole second of room time (class/marks.h).
 *
 * voice_render is pure. voice_start pushes it into a PUSH source on a thread of its own, a block
 * every 20 ms, as a microphone would.
 */
#ifndef DEMO_CLASS_VOICE_H
#define DEMO_CLASS_VOICE_H

#include "chalkrail/source.h"
#include "class/room_clock.h"

#define VOICE_BLOCK    960 /* samples, mono, 48 kHz */
#define VOICE_BLOCK_US 20000

/* A two-pole resonator. */
typedef struct voice_formant {
    double a1, a2, gain;
    double y1, y2;
} voice_formant;

typedef struct voice {
    uint64_t sample; /* samples since the start */
    double phase;    /* of the glottal pulse, 0..1 */
    double breath;   /* the pulse, smoothed */
    uint32_t vowel;
    voice_formant formants[3];
} voice;

void voice_init(voice *v);
/* The next block; `room_us`, of its first sample, is a multiple of VOICE_BLOCK_US. */
void voice_render(voice *v, uint64_t room_us, float out[VOICE_BLOCK]);

typedef struct voice_feed voice_feed;

/* Starts speaking into a PUSH source. NULL: no memory or no thread. */
voice_feed *voice_start(chalk_session *session, chalk_source_id source, const room_clock *clock);
/* Stops and clears the pointer; NULL is accepted. Before the session is destroyed. */
void voice_stop(voice_feed **feed);

#endif
