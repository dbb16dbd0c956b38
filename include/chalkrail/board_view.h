/*
 * chalkrail/board_view.h - what stands on the whiteboard of a room: pages, objects, changes.
 *
 *     chalk_board_watch_create(session, CHALK_VIEW_HEAD, 1, &watch);
 *     while (chalk_board_watch_next(watch, &change) == CHALK_OK)
 *         if (chalk_board_get_object(session, CHALK_VIEW_HEAD, change.object, &object) == CHALK_OK)
 *             show(&object);
 *         else
 *             forget(change.object);
 *
 * Views. At the head, one's own pending work is laid over what the edge has ordered. Who may draw
 * sees the head; the presented state is in step with the picture.
 *
 * Thread: any, serial per session. Lifetime: that of the room; what was the last state of a room
 * that has ended can be looked at until the next join.
 */
#ifndef CHALKRAIL_BOARD_VIEW_H
#define CHALKRAIL_BOARD_VIEW_H

#include "chalkrail/board.h"

#ifdef __cplusplus
extern "C" {
#endif

enum chalk_board_what {
    CHALK_BOARD_ADDED = 1,
    CHALK_BOARD_CHANGED = 2,
    CHALK_BOARD_REMOVED = 3,
};

/* The board as a whole. */
typedef struct chalk_board_info {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_board_info) */
    uint32_t pages;
    uint32_t undoable;      /* 1: there is something of one's own to be undone */
    uint32_t redoable;      /* 1: to be redone */
    chalk_person_id leader; /* whose view is shared; 0: nobody's */
    uint32_t lead_page;
    uint32_t reserved;     /* 0 */
    double lead_x, lead_y; /* the middle of the leader's view */
    double lead_zoom;      /* px of the leader's screen for a px of the page */
} chalk_board_info;

typedef struct chalk_board_page {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_board_page) */
    uint32_t number;
    uint32_t access;      /* enum chalk_board_access bits */
    uint32_t may_draw;    /* 1: one may draw on it */
    uint32_t named_count; /* of `named` */
    uint32_t reserved;    /* 0 */
    chalk_person_id named[CHALK_BOARD_PEOPLE_MAX];
    chalk_board_background background;
} chalk_board_page;

typedef struct chalk_board_object {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_board_object) */
    uint32_t kind;        /* enum chalk_board_kind */
    uint32_t page;
    uint32_t colour;
    uint32_t fill;
    uint32_t points;      /* of a stroke; 0: it is none */
    uint32_t erased;      /* 1: parts of it are */
    uint32_t pixels_wide; /* of an IMAGE's file */
    uint32_t pixels_high;
    int32_t z; /* higher is nearer; of equal ones the higher id */
    chalk_object_id id;
    chalk_person_id author;
    double x, y;       /* px: of a LINE or ARROW its beginning, else the left upper corner */
    double wide, high; /* px: to a LINE's or ARROW's end, else the size without the line's width */
    double width_px;   /* of the line */
    double size_px;    /* of a TEXT's letters */
    double scale_x, scale_y;        /* since it was made; below 0: mirrored */
    size_t text_size;               /* bytes */
    const char *text;               /* with a terminating zero; never NULL; borrowed */
    uint8_t hash[CHALK_BOARD_HASH]; /* of an IMAGE */
} chalk_board_object;

/* A point of a stroke as it stands on the page. */
typedef struct chalk_board_stroke_point {
    double x, y;     /* px */
    double width_px; /* of the line here */
} chalk_board_stroke_point;

typedef struct chalk_board_change {
    uint32_t what;     /* enum chalk_board_what */
    uint32_t reserved; /* 0 */
    chalk_object_id object;
    double left, top, right, bottom; /* px: all that looks otherwise now */
} chalk_board_change;

typedef struct chalk_board_watch chalk_board_watch;

/**
 * Reads the board as a whole.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param info     `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_board_get_info(chalk_session *session, uint32_t view, chalk_board_info *info);

/**
 * Reads one of the pages, in their order.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param index    0 and up.
 * @param page     `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (there are not so many), INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_board_get_page(chalk_session *session, uint32_t view, uint32_t index,
                                   chalk_board_page *page);

/**
 * Reads an object.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param object   its id.
 * @param out      `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (it is not there), INVALID_ARGUMENT, BAD_STATE (no room was joined), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: a plain copy, but for the text: borrowed until the next call of this function.
 * Since: 0.1
 */
CHALK_API int chalk_board_get_object(chalk_session *session, uint32_t view, chalk_object_id object,
                                     chalk_board_object *out);

/**
 * Reads the points of a stroke, those that are erased included.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param object   its id.
 * @param points   receives up to `size` points; may be NULL with size 0.
 * @param size     of `points`; 4,096 hold every stroke.
 * @param count    receives how many there are.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (it is not there), INVALID_ARGUMENT, BAD_STATE (no room was joined), TOO_LARGE
 * (`size` is too small; what fits is filled in).
 * Thread: any, serial per session.
 * Lifetime: plain copies.
 * Since: 0.1
 */
CHALK_API int chalk_board_get_points(chalk_session *session, uint32_t view, chalk_object_id object,
                                     chalk_board_stroke_point *points, uint32_t size,
                                     uint32_t *count);

/**
 * Reads which parts of a stroke are erased; they may overlap.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param object   its id.
 * @param parts    receives up to `size` parts; may be NULL with size 0.
 * @param size     of `parts`; 256 hold all.
 * @param count    receives how many there are.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (it is not there), INVALID_ARGUMENT, BAD_STATE (no room was joined), TOO_LARGE
 * (`size` is too small; what fits is filled in).
 * Thread: any, serial per session.
 * Lifetime: plain copies.
 * Since: 0.1
 */
CHALK_API int chalk_board_get_erased(chalk_session *session, uint32_t view, chalk_object_id object,
                                     chalk_board_part *parts, uint32_t size, uint32_t *count);

/**
 * An object in words, for those who do not see it, such as "pen stroke, red, 120 x 40 px at 300,
 * 200".
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param object   its id.
 * @param text     receives the words with a terminating zero, cut where they do not fit.
 * @param size     bytes of `text`, 1 and up.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (it is not there), INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: the caller's own buffer.
 * Since: 0.1
 */
CHALK_API int chalk_board_describe(chalk_session *session, uint32_t view, chalk_object_id object,
                                   char *text, size_t size);

/**
 * Finds the topmost object at a place: a line where it is drawn and not erased, what is filled, a
 * text or an image also inside.
 *
 * @param session   the session.
 * @param view      enum chalk_room_view.
 * @param page      number of the page.
 * @param x         px.
 * @param y         px.
 * @param reach_px  so far off still hits.
 * @param object    receives its id.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (nothing is there), INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_board_hit(chalk_session *session, uint32_t view, uint32_t page, double x,
                              double y, double reach_px, chalk_object_id *object);

/**
 * Begins to watch a page for changes, to show it with means of one's own. All that is on it is
 * ADDED first.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param page     number of the page.
 * @param watch    receives the watch.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: until chalk_board_watch_destroy, which comes before the session's end.
 * Since: 0.1
 */
CHALK_API int chalk_board_watch_create(chalk_session *session, uint32_t view, uint32_t page,
                                       chalk_board_watch **watch);

/**
 * Takes the next change. Several changes of one object between two calls may be one; a page that is
 * removed, or another room, is a change of all objects.
 *
 * @param watch   the watch.
 * @param change  receives the change.
 * @return CHALK_OK.
 *
 * Errors: AGAIN (nothing more has changed: look again when the room has events, or after an
 * action), INVALID_ARGUMENT, BAD_STATE (no room was joined), NO_MEMORY (what is known is forgotten:
 * all is ADDED again).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_board_watch_next(chalk_board_watch *watch, chalk_board_change *change);

/**
 * Ends a watch.
 *
 * @param watch  the watch, cleared; NULL inside is accepted.
 *
 * Errors: none.
 * Thread: any, serial per session.
 * Lifetime: the watch is gone.
 * Since: 0.1
 */
CHALK_API void chalk_board_watch_destroy(chalk_board_watch **watch);

#ifdef __cplusplus
}
#endif
#endif
