/* CHALK_HINT_AUTO: slides and films coded as what they are. The encoder is opened anew for the
 * other kind, which begins with a key frame; the stream's configuration stays where the encoder
 * writes the same for both, as x264 does here. On the encoding's thread. */
#include "runtime/media/encoding_inside.h"

#define MOVED_LEAST                                                                                \
    3 /* so much of what changed, at least, was moved where it was scrolled: 1/3                   \
       */

void ck_encoding_begin_hint(ck_encoding *e)
{
    bool automatic = e->config.hint == CHALK_HINT_AUTO;
    e->hint = automatic ? CHALK_HINT_SLIDES : e->config.hint;
    ck_motion_init(&e->motion, ck_clock_us());
    if (e->scroll != NULL) {
        ck_scroll_init(e->scroll);
    }
}

static void change_hint(ck_encoding *e)
{
    e->hint = e->motion.kind == CK_MOTION_FILM ? CHALK_HINT_MOTION : CHALK_HINT_SLIDES;
    e->rest.config.refines = e->hint == CHALK_HINT_SLIDES;
    e->retuned = e->encoder != NULL;
    ck_encoding_close_encoder(e);
    e->config.hinted(e->config.user, e->hint, ck_motion_reason_text(e->motion.reason));
}

/* A source that knows what it moved spares looking for it. Without memory for that nothing is taken
 * for scrolled. */
static bool is_scrolled(ck_encoding *e, uint64_t area, const chalk_video_info *info)
{
    if (e->moved >= area / MOVED_LEAST) {
        return true;
    }
    if (e->scroll == NULL) {
        e->scroll = ck_new(&ck_heap, sizeof *e->scroll);
    }
    return e->scroll != NULL && ck_scroll_feed(e->scroll, info->planes[0], (size_t)info->strides[0],
                                               (uint32_t)info->width, (uint32_t)info->height) != 0;
}

void ck_encoding_watch_picture(ck_encoding *e, const chalk_video_frame *picture, uint64_t area,
                               uint64_t pixels)
{
    if (e->config.hint != CHALK_HINT_AUTO) {
        return;
    }
    bool scrolled = ck_motion_counts(area, pixels) && is_scrolled(e, area, &picture->info);
    if (ck_motion_picture(&e->motion, area, pixels, scrolled, ck_clock_us())) {
        change_hint(e);
    }
}

void ck_encoding_watch_time(ck_encoding *e)
{
    if (e->config.hint == CHALK_HINT_AUTO && ck_motion_on_deadline(&e->motion, ck_clock_us())) {
        change_hint(e);
    }
}
