/*
 * chalkrail/board.h - the whiteboard of a room: what is done on it. What stands on it is told by
 * chalkrail/board_view.h.
 *
 * What one draws is there at once, under the id that it keeps, also without a connection. All see
 * the same board in the end; whose work collides is decided by the order of the edge.
 *
 *     chalk_board_pen_options pen;
 *     chalk_board_pen_options_init(&pen);
 *     chalk_board_pen_down(session, &pen, &point);       others see it while it is drawn
 *     chalk_board_pen_move(session, &point);
 *     chalk_board_pen_up(session, &point);
 *
 * Coordinates are px of the page at scale 1, right and down from its origin, up to 524,288 either
 * way; the board keeps them to 1/64 px. Colours are 0xAARRGGBB, 0 is none. Pages are known by
 * numbers, page 1 is there from the beginning.
 *
 * Actions are intents (chalkrail/room.h): each ends in one CHALK_ROOM_EVENT_SETTLED. So does each
 * group of strokes of the pen, whose intent's id nobody is told. The right to draw, and that of the
 * page, are judged by the edge.
 *
 * Thread: any, serial per session. Lifetime: that of the room; what was the last state of a room
 * that has ended can be looked at until the next join.
 */
#ifndef CHALKRAIL_BOARD_H
#define CHALKRAIL_BOARD_H

#include "chalkrail/room.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t chalk_object_id; /* never used twice in a room; 0: none */

#define CHALK_BOARD_OBJECTS_MAX 256  /* of one action */
#define CHALK_BOARD_PEOPLE_MAX  64   /* named for a page */
#define CHALK_BOARD_TEXT_MAX    8000 /* bytes; students: what fits 4,096 with the action */
#define CHALK_BOARD_ALT_MAX     500  /* bytes of what an image shows */
#define CHALK_BOARD_HASH        32   /* bytes of a SHA-256 */
#define CHALK_BOARD_POINT_STEPS 64   /* a part of a stroke is told in so many from point to point */

enum chalk_board_kind {
    CHALK_BOARD_PEN = 1,
    CHALK_BOARD_MARKER = 2, /* never more than half opaque */
    CHALK_BOARD_LINE = 3,
    CHALK_BOARD_ARROW = 4,
    CHALK_BOARD_RECTANGLE = 5,
    CHALK_BOARD_ELLIPSE = 6,
    CHALK_BOARD_TEXT = 7,
    CHALK_BOARD_IMAGE = 8,
};

/* What lies below all objects of a page. */
enum chalk_board_ground {
    CHALK_GROUND_PLAIN = 0,
    CHALK_GROUND_GRID = 1,
    CHALK_GROUND_LINES = 2,
    CHALK_GROUND_IMAGE = 3, /* `hash` */
    CHALK_GROUND_DECK = 4,  /* page `deck_page` of the deck `hash` */
};

/* Who may draw on a page, of those who have the right to draw. */
enum chalk_board_access {
    CHALK_ACCESS_ALL = 0,
    CHALK_ACCESS_STAFF = 1,
    CHALK_ACCESS_NAMED = 2, /* staff, and those named */
    CHALK_ACCESS_OPEN = 4,  /* added to one of these: also change what others drew */
};

enum chalk_board_style {
    CHALK_STYLE_COLOUR = 1,
    CHALK_STYLE_FILL = 2,
    CHALK_STYLE_WIDTH = 4,
};

/* A sample of an input device. */
typedef struct chalk_board_point {
    double x, y;     /* px */
    double pressure; /* 0..1; below 0: the device knows none */
    uint64_t at_us;  /* runtime clock (chalk_runtime_now_us); 0: now */
} chalk_board_point;

typedef struct chalk_board_pen_options {
    uint32_t struct_size; /* set by chalk_board_pen_options_init */
    uint32_t kind;        /* PEN or MARKER; 0: PEN */
    uint32_t page;        /* 0: page 1 */
    uint32_t colour;      /* 0: black */
    double width_px;      /* of the line, up to 1,024 px; 0: 2 px */
    double zoom; /* screen pixels for a px of the page, up to 64, which is what is drawn so finely;
                    0: 1 */
} chalk_board_pen_options;

/* Something to be put on a page. */
typedef struct chalk_board_put_options {
    uint32_t struct_size;     /* set by chalk_board_put_options_init */
    uint32_t kind;            /* LINE to IMAGE; required */
    uint32_t page;            /* 0: page 1 */
    uint32_t colour;          /* 0: black */
    uint32_t fill;            /* of a RECTANGLE or ELLIPSE; 0: none */
    uint32_t pixels_wide;     /* of an IMAGE's file */
    uint32_t pixels_high;     /* of an IMAGE's file */
    uint32_t reserved;        /* 0 */
    chalk_object_id replaces; /* this one is gone then, such as a text that was edited; 0: none */
    double x, y;              /* its first corner or end */
    double wide, high;        /* from there to the other, may be below 0; an IMAGE's size; wide: in
                                 which a TEXT was broken into lines, 0: it was not */
    double width_px;          /* of the line, up to 1,024 px; 0: 2 px */
    double size_px;           /* of a TEXT's letters, up to 1,024 px; 0: 24 px */
    const char *text;         /* UTF-8: a TEXT, or what an IMAGE shows */
    const uint8_t *hash;      /* an IMAGE's: SHA-256 of its file */
} chalk_board_put_options;

/* A part of a stroke: from one place to another, in CHALK_BOARD_POINT_STEPS of the way from point
 * to point. */
typedef struct chalk_board_part {
    chalk_object_id object;
    uint32_t from, to;
} chalk_board_part;

typedef struct chalk_board_background {
    uint32_t kind;      /* enum chalk_board_ground */
    uint32_t deck_page; /* from 0; with new pages: of the first */
    uint8_t hash[CHALK_BOARD_HASH];
} chalk_board_background;

/* Where somebody points. */
typedef struct chalk_board_pointer {
    uint32_t page;  /* 0: nowhere any more */
    uint32_t laser; /* 1: a laser pointer, which glows and fades; 0: where the pointer is */
    double x, y;    /* px */
} chalk_board_pointer;

/* Takes a piece of a file; CHALK_OK, or a status that ends the writing and is what it returns. */
typedef int (*chalk_board_write_fn)(const uint8_t *data, size_t size, void *user);

/**
 * Fills pen options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_board_pen_options_init(chalk_board_pen_options *options);

/**
 * Puts the pen down: a stroke begins. Others see it while it is drawn. Tremor is taken out of the
 * samples, and the width follows the pressure, or the speed where the device knows no pressure.
 *
 * @param session  the session.
 * @param options  which pen; copied.
 * @param point    where.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (a number out of range), BAD_STATE (it is down already; in no room, or
 * it has ended), AGAIN (the room was never live), LIMIT (64 strokes wait to be sent: take events),
 * NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: until chalk_board_pen_up.
 * Since: 0.1
 */
CHALK_API int chalk_board_pen_down(chalk_session *session, const chalk_board_pen_options *options,
                                   const chalk_board_point *point);

/**
 * Moves the pen, at the device's full rate. What is out of the world is moved to its edge.
 *
 * @param session  the session.
 * @param point    where.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (it is not down; in no room, or it has ended), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_pen_move(chalk_session *session, const chalk_board_point *point);

/**
 * Lifts the pen. The stroke is sent with those that follow within 600 ms, or with the next action.
 *
 * @param session  the session.
 * @param point    where.
 * @return CHALK_OK; a SETTLED event follows for those sent together.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (it is not down; in no room, or it has ended), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_pen_up(chalk_session *session, const chalk_board_point *point);

/**
 * Fills put options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_board_put_options_init(chalk_board_put_options *options);

/**
 * Puts a line, an arrow, a rectangle, an ellipse, a text or an image on a page. It is there at
 * once.
 *
 * @param session  the session.
 * @param options  what and where; copied.
 * @param object   receives the new object's id; may be NULL.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_put(chalk_session *session, const chalk_board_put_options *options,
                              chalk_object_id *object, chalk_intent_id *intent);

/**
 * Erases parts of strokes; what is left of them stays.
 *
 * @param session  the session.
 * @param parts    1 to CHALK_BOARD_OBJECTS_MAX, by the ids of their strokes; those of one stroke
 * rising and apart.
 * @param count    of `parts`.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_erase(chalk_session *session, const chalk_board_part *parts,
                                uint32_t count, chalk_intent_id *intent);

/**
 * Draws an eraser over a page: what it touches of strokes is gone, the rest of them stays. Staff
 * erase what anybody drew, others their own, or on a page with OPEN whatever is there. An eraser
 * that touches much more than a hand can at once takes it in several calls.
 *
 * @param session    the session.
 * @param page       number of the page.
 * @param from_x     px: where the eraser was.
 * @param from_y     px: where the eraser was.
 * @param to_x       px: where it is.
 * @param to_y       px: where it is.
 * @param radius_px  of the eraser, above 0.
 * @param intent     receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: NOT_FOUND (it touches nothing), INVALID_ARGUMENT, AGAIN (the room was never live: no ids
 * are known yet), BAD_STATE (in no room, or it has ended), LIMIT (too many intents unanswered: take
 * events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_rub(chalk_session *session, uint32_t page, double from_x, double from_y,
                              double to_x, double to_y, double radius_px, chalk_intent_id *intent);

/**
 * Deletes objects. Whatever others do with them, they stay deleted until that is undone.
 *
 * @param session  the session.
 * @param objects  1 to CHALK_BOARD_OBJECTS_MAX ids, in any order; those that are gone are left out.
 * @param count    of `objects`.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_delete(chalk_session *session, const chalk_object_id *objects,
                                 uint32_t count, chalk_intent_id *intent);

/**
 * Moves objects.
 *
 * @param session  the session.
 * @param objects  1 to CHALK_BOARD_OBJECTS_MAX ids, in any order; those that are gone are left out.
 * @param count    of `objects`.
 * @param x        px to the right.
 * @param y        px down.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_move(chalk_session *session, const chalk_object_id *objects,
                               uint32_t count, double x, double y, chalk_intent_id *intent);

/**
 * Scales objects about a point; lines keep their width.
 *
 * @param session   the session.
 * @param objects   1 to CHALK_BOARD_OBJECTS_MAX ids, in any order; those that are gone are left
 * out.
 * @param count     of `objects`.
 * @param x         px: the point that stays.
 * @param y         px: the point that stays.
 * @param factor_x  -64..64, from 1/64 on; below 0: mirrors.
 * @param factor_y  the same.
 * @param intent    receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_scale(chalk_session *session, const chalk_object_id *objects,
                                uint32_t count, double x, double y, double factor_x,
                                double factor_y, chalk_intent_id *intent);

/**
 * Gives objects another colour, fill or line's width.
 *
 * @param session   the session.
 * @param objects   1 to CHALK_BOARD_OBJECTS_MAX ids, in any order; those that are gone are left
 * out.
 * @param count     of `objects`.
 * @param mask      enum chalk_board_style bits: which of the following are meant.
 * @param colour    0xAARRGGBB.
 * @param fill      0xAARRGGBB; 0: none.
 * @param width_px  0..1024.
 * @param intent    receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_style(chalk_session *session, const chalk_object_id *objects,
                                uint32_t count, uint32_t mask, uint32_t colour, uint32_t fill,
                                double width_px, chalk_intent_id *intent);

/**
 * Brings objects before all others of their page, or behind them; among each other they keep their
 * order.
 *
 * @param session  the session.
 * @param objects  1 to CHALK_BOARD_OBJECTS_MAX ids, in any order; those that are gone are left out.
 * @param count    of `objects`.
 * @param front    1: before; 0: behind.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_order(chalk_session *session, const chalk_object_id *objects,
                                uint32_t count, uint32_t front, chalk_intent_id *intent);

/**
 * Duplicates objects, onto their own page or another one.
 *
 * @param session  the session.
 * @param objects  1 to CHALK_BOARD_OBJECTS_MAX ids, in any order; those that are gone are left out.
 * @param count    of `objects`.
 * @param page     on which the copies are.
 * @param x        px to the right of the originals.
 * @param y        px below the originals.
 * @param first    receives the id of the first copy, that of the lowest id; may be NULL. The
 * others' follow by 1 each.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_copy(chalk_session *session, const chalk_object_id *objects,
                               uint32_t count, uint32_t page, double x, double y,
                               chalk_object_id *first, chalk_intent_id *intent);

/**
 * Clears a page of all that is on it. For staff.
 *
 * @param session  the session.
 * @param page     number of the page.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_clear(chalk_session *session, uint32_t page, chalk_intent_id *intent);

/**
 * Undoes the newest of one's own work that is not undone. What others did stays.
 *
 * @param session  the session.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: NOT_FOUND (there is nothing), INVALID_ARGUMENT (no session), AGAIN (the room was never
 * live: no ids are known yet), BAD_STATE (in no room, or it has ended), LIMIT (too many intents
 * unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_undo(chalk_session *session, chalk_intent_id *intent);

/**
 * Does again what was undone last.
 *
 * @param session  the session.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: NOT_FOUND (there is nothing), INVALID_ARGUMENT (no session), AGAIN (the room was never
 * live: no ids are known yet), BAD_STATE (in no room, or it has ended), LIMIT (too many intents
 * unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_redo(chalk_session *session, chalk_intent_id *intent);

/**
 * Adds pages, such as those of a deck. For staff.
 *
 * @param session     the session.
 * @param count       1..1000.
 * @param after       number of the page that they follow; 0: in front.
 * @param background  what lies below; of a deck each has the next page. NULL: plain.
 * @param first       receives the first one's number, the others follow; may be NULL. Numbers go up
 *                    from the highest that there is: one whose page was removed may come again.
 * @param intent      receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_add_pages(chalk_session *session, uint32_t count, uint32_t after,
                                    const chalk_board_background *background, uint32_t *first,
                                    chalk_intent_id *intent);

/**
 * Changes what lies below all objects of a page. For staff.
 *
 * @param session     the session.
 * @param page        number of the page.
 * @param background  what.
 * @param intent      receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_set_background(chalk_session *session, uint32_t page,
                                         const chalk_board_background *background,
                                         chalk_intent_id *intent);

/**
 * Removes a page and all on it; that cannot be undone. For staff.
 *
 * @param session  the session.
 * @param page     number of the page.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_remove_page(chalk_session *session, uint32_t page,
                                      chalk_intent_id *intent);

/**
 * Moves a page to another place among the pages. For staff.
 *
 * @param session  the session.
 * @param page     number of the page.
 * @param after    number of the page that it follows then; 0: in front.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_place_page(chalk_session *session, uint32_t page, uint32_t after,
                                     chalk_intent_id *intent);

/**
 * Says who may draw on a page. For staff.
 *
 * @param session  the session.
 * @param page     number of the page.
 * @param access   enum chalk_board_access bits.
 * @param people   with NAMED: who; else NULL.
 * @param count    0..CHALK_BOARD_PEOPLE_MAX.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_set_access(chalk_session *session, uint32_t page, uint32_t access,
                                     const chalk_person_id *people, uint32_t count,
                                     chalk_intent_id *intent);

/**
 * Shares one's own view, for others to follow: chalk_board_get_info tells them. For staff.
 *
 * @param session  the session.
 * @param page     number of the page; 0: one leads no more.
 * @param x        px: the middle of the view.
 * @param y        px: the middle of the view.
 * @param zoom     1/64..64: px of the screen for a px of the page.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (the room was never live: no ids are known yet), BAD_STATE (in no
 * room, or it has ended), LIMIT (too many intents unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: until the next call, or until another leads.
 * Since: 0.1
 */
CHALK_API int chalk_board_lead(chalk_session *session, uint32_t page, double x, double y,
                               double zoom, chalk_intent_id *intent);

/**
 * Shows others where one points. It is not kept; needs the right to draw.
 *
 * @param session  the session.
 * @param pointer  where.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (not live: it is forgotten), BAD_STATE (in no room, or it has
 * ended).
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_board_point_at(chalk_session *session, const chalk_board_pointer *pointer);

/**
 * Reads where the author of a CHALK_ROOM_EVENT_SHOWN points.
 *
 * @param event    the event.
 * @param pointer  receives where.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, NOT_FOUND (it shows something else), BAD_DATA (what was sent is no
 * pointer).
 * Thread: any.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_board_read_pointer(const chalk_room_event *event, chalk_board_pointer *pointer);

#ifdef __cplusplus
}
#endif
#endif
