/*
 * What is sent after a picture changed and nothing follows: a shared screen mostly rests.
 *
 *     a change    the picture at once, as well as the rate allows; a small one clean at once
 *     then        one more at once, for players that show a picture when the next one comes, and
 *                 further ones at the usual spacing: two of them are coded better, the others
 *                 repeat, so that players which hold some pictures back show the last one too
 *     at rest     the picture once more each second (or a fifth of it, see below), and a key frame
 *                 where they are wanted by time: as good as the picture at first, and after a while
 * a small one again and again
 *
 * A repeated picture may cost nothing (core/h264/still.h); where it does not, fewer are sent.
 *
 * The verbs are those of a core, but for what is asked: instead of outputs there is one act that
 * falls due. Times are microseconds on any one clock.
 */
#ifndef CK_CORE_SHARE_REST_H
#define CK_CORE_SHARE_REST_H

#include <stdbool.h>
#include <stdint.h>

/* Quality steps (6 halve the bits) by which a picture at rest is better than the rate alone says:
 * at CRF 25 soft shades lack something, at 13 nothing is missed. */
#define CK_REST_FINEST 12u
/* The same for a small change, coded clean at once; half of it where key frames come by time, which
 * follow the quality of the pictures before them. */
#define CK_REST_CLEAN 8u
/* The same for the key frames of a settled picture, whose bytes are what a still screen costs, and
 * for a newcomer's. */
#define CK_REST_SETTLED 3u
/* Where key frames come by time, they are as good as the picture at rest for so long after a
 * change. Then it has settled: whoever was there has seen it, and a smaller key frame is sent from
 * there on. */
#define CK_REST_SETTLE_US 6000000
#define CK_REST_REPEAT_US 1000000
/* The same where key frames come by time, which is to say on servers of others, if it costs
 * nothing: players of FFmpeg's family look at up to forty pictures before they show one. */
#define CK_REST_REPEAT_SOON_US 200000

enum ck_rest_act {
    CK_REST_REPEAT = 1, /* show the last picture once more */
    CK_REST_REFINE,     /* code it once more, better */
    CK_REST_KEY,        /* a key frame of it; one that was sent will do */
    CK_REST_SETTLE,     /* a smaller one, which will be sent again from here on */
};

typedef struct ck_rest_config {
    uint64_t period_us; /* between pictures that change, at least */
    uint64_t gop_us;    /* longest distance of key frames; 0: none by time */
    uint32_t bitrate_kbps;
    bool refines; /* what rests is coded better; false: once more as the rate allows */
} ck_rest_config;

typedef struct ck_rest {
    ck_rest_config config;
    bool free_repeats; /* a repeated picture costs nothing */
    /* Private. */
    bool begun;
    uint32_t refined;   /* steps towards the best quality that the last picture has made */
    bool settled;       /* the key frame for a long rest was sent */
    bool pushes;        /* the last change came after a rest */
    uint32_t further;   /* moments of the schedule behind us */
    uint64_t change_us; /* when the picture changed last */
    uint64_t sent_us;   /* when any picture was sent last */
    uint64_t key_us;    /* when a key frame was */
    uint64_t used_at_us;
    double used_bits; /* sent lately, draining at the bitrate */
} ck_rest;

void ck_rest_init(ck_rest *r, const ck_rest_config *config);

/* A changed picture is about to be coded, `area` of `whole` pixels of it. Returns by how many
 * quality steps better than the rate says: a small change is clean at once as long as not much else
 * was sent. */
uint32_t ck_rest_changed(ck_rest *r, uint64_t area, uint64_t whole, uint64_t now_us);
/* The same for an act that is about to be carried out. */
uint32_t ck_rest_finer(const ck_rest *r, enum ck_rest_act act);

/* A picture was sent: changed, or by an act; `key`: it became a key frame. */
void ck_rest_sent_change(ck_rest *r, bool key, uint64_t bytes, uint64_t now_us);
void ck_rest_sent_act(ck_rest *r, enum ck_rest_act act, bool key, uint64_t bytes, uint64_t now_us);

/* When something falls due, and in *act what; UINT64_MAX before the first picture. */
uint64_t ck_rest_next_deadline(const ck_rest *r, enum ck_rest_act *act);

#endif
