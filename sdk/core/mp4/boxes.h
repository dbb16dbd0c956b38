/* Private to this folder: what is asked of the contents of single boxes. */
#ifndef CK_CORE_MP4_BOXES_H
#define CK_CORE_MP4_BOXES_H

#include "core/mp4/prune.h"

#include <stdbool.h>

#define CK_MP4_TYPE(a, b, c, d)                                                                    \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

typedef struct ck_mp4_box {
    uint32_t type;
    uint8_t *head; /* size and type stand here */
    uint8_t *data; /* contents, behind a head of 8 or 16 bytes */
    size_t size;   /* of the contents */
} ck_mp4_box;

typedef struct ck_mp4_walk {
    struct {
        uint32_t id, size; /* of a sample that does not say its own */
    } defaults[CK_MP4_TRACKS_MAX];
    uint32_t default_count;
    bool has_movie;
    uint32_t tracks, fragments, samples;
    uint64_t payload;     /* bytes of the samples */
    uint32_t handler;     /* kind of the track being walked; 0: not known yet */
    uint32_t entries;     /* in the list of sample descriptions being walked */
    bool has_header;      /* the track fragment has said whose it is */
    uint32_t sample_size; /* default in the track fragment being walked */
    ck_mp4_fault *fault;
} ck_mp4_walk;

/* Sets the fault; returns `status`. */
int ck_mp4_refuse(ck_mp4_walk *w, uint32_t type, int status, const char *text);

/* CHALK_OK or a refusal, each for the type in its name. */
int ck_mp4_take_header(ck_mp4_walk *w, ck_mp4_box *box); /* mvhd, tkhd, mdhd: by version */
int ck_mp4_take_hdlr(ck_mp4_walk *w, ck_mp4_box *box);
int ck_mp4_take_elst(ck_mp4_walk *w, ck_mp4_box *box);
int ck_mp4_take_avcc(ck_mp4_walk *w, ck_mp4_box *box);
int ck_mp4_take_esds(ck_mp4_walk *w, ck_mp4_box *box);
int ck_mp4_take_trex(ck_mp4_walk *w, ck_mp4_box *box);
int ck_mp4_take_tfhd(ck_mp4_walk *w, ck_mp4_box *box);
int ck_mp4_take_tfdt(ck_mp4_walk *w, ck_mp4_box *box);
int ck_mp4_take_trun(ck_mp4_walk *w, ck_mp4_box *box);

#endif
