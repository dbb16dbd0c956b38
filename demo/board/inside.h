/* The inside of a view, shared by the files view*.c. */
#ifndef DEMO_BOARD_INSIDE_H
#define DEMO_BOARD_INSIDE_H

#include "board/view.h"
#include "chalkrail/render.h"
#include "chalkrail/room.h"

#include <cairo.h>

#define SELECTED_MAX 2048 /* objects that are moved together */
#define OTHERS_MAX   64
#define TRAIL_MAX    96  /* places of a laser pointer */
#define GROUPS_MAX   100 /* gestures that are undone as one */

typedef struct world_box {
    double left, top, right, bottom; /* px of the page */
} world_box;

typedef struct world_point {
    double x, y;
} world_point;

enum gesture {
    GESTURE_NONE = 0,
    GESTURE_PAN,
    GESTURE_STROKE,
    GESTURE_SHAPE,
    GESTURE_ERASE,
    GESTURE_REMOVE,
    GESTURE_MARQUEE, /* a box in which all is selected */
    GESTURE_MOVE,
    GESTURE_SCALE,
    GESTURE_POINT, /* with the laser */
};

/* A laser pointer's last places. */
typedef struct laser_trail {
    world_point at[TRAIL_MAX];
    uint64_t us[TRAIL_MAX];
    uint32_t count; /* ever */
} laser_trail;

typedef struct other_pointer {
    chalk_person_id who; /* 0: a free place */
    char name[72];
    chalk_board_pointer at;
    uint64_t seen_us;
    laser_trail trail;
} other_pointer;

typedef struct text_edit {
    bool on;
    chalk_object_id replaces; /* the object that is edited; 0: a new one */
    double x, y, size;        /* px of the page */
    uint32_t colour;
    char text[CHALK_BOARD_TEXT_MAX + 1];
    size_t length, caret; /* bytes */
    char composed[256];   /* by an input method, at the caret */
} text_edit;

struct board_view {
    bool renders; /* a deck's page was being rendered when it was looked at last */
    chalk_runtime *runtime;
    chalk_session *session;
    chalk_canvas *canvas;
    decks *decks;
    board_state state;
    int wide, high; /* pixels; 0: not known yet */
    double scale;
    double x, y, zoom; /* what is seen: px of the page; pixels for a px */

    enum gesture gesture;
    bool has_pointer; /* it is over the view */
    board_pointer pointer;
    world_point start, last; /* of the gesture */
    double pan_x, pan_y;     /* pixels: where it was */
    uint32_t acts;           /* intents of the gesture */
    uint32_t restyles;       /* enum chalk_board_style bits */
    int handle;              /* GESTURE_SCALE: which corner, 0..3 */
    bool square;             /* Shift */
    cairo_surface_t *ghost;  /* what is moved, as it looked */

    chalk_object_id selected[SELECTED_MAX];
    uint32_t selected_count;
    world_box box; /* of them */
    text_edit text;

    other_pointer others[OTHERS_MAX];
    laser_trail trail;
    uint64_t shown_us; /* when others were told where one points */
    bool shown_stale;  /* and one has moved since */

    uint16_t groups[GROUPS_MAX], undone[GROUPS_MAX]; /* intents of each */
    uint32_t group_count, undone_count;

    bool follows; /* the shared view, when there is one */
    bool leads;
    uint64_t lead_us;    /* when that was said last */
    bool lead_stale;     /* and it has changed since */
    uint64_t message_us; /* when it goes */
    uint64_t version, edits;
    bool dirty; /* to be painted */
    bool more;  /* not all is painted */
};

/* --- view.c ---------------------------------------------------------------------------------- */

world_point view_world(const board_view *v, double x, double y);
uint64_t view_now_us(const board_view *v);
void view_show_all(board_view *v); /* what is on the page, in the middle */
void view_camera_moved(board_view *v, bool by_hand);
/* Puts the middle of the view there, as far as the page goes; false: it is there already. */
bool view_centre(board_view *v, double x, double y, double zoom);
void view_zoom(board_view *v, double factor, double x, double y);
uint32_t view_argb(const board_view *v);
double view_width(const board_view *v);

/* --- view_acts.c ----------------------------------------------------------------------------- */

/* What a call of the board came to: counted in the gesture, or told. */
bool view_acted(board_view *v, int status);
void view_group_begin(board_view *v);
void view_group_end(board_view *v);
void view_step_back(board_view *v, bool again);
void view_delete(board_view *v);
void view_order(board_view *v, bool front);
void view_restyle(board_view *v, uint32_t mask); /* enum chalk_board_style bits */
void view_duplicate(board_view *v);
void view_nudge(board_view *v, double x, double y, bool far);
/* All objects of the page, up to `most`, in no order. */
uint32_t view_list(board_view *v, chalk_object_id *ids, uint32_t most, world_box *box);

/* --- view_select.c --------------------------------------------------------------------------- */

void view_select_press(board_view *v);
void view_select_release(board_view *v);
void view_select_only(board_view *v, chalk_object_id id);
void view_select_none(board_view *v);
void view_select_refresh(board_view *v); /* objects may be gone, or elsewhere */
void view_select_in(board_view *v, const world_box *box);
void view_select_step(board_view *v, int by);
bool view_object_box(board_view *v, chalk_object_id id, world_box *box);
/* Where what is selected comes to by the gesture that goes on. */
world_box view_target_box(const board_view *v, double *factor_x, double *factor_y);
ui_rect view_rect(const board_view *v, const world_box *box); /* in pixels */

/* --- view_text.c ----------------------------------------------------------------------------- */

void view_text_begin(board_view *v, world_point at); /* its first line's middle is there */
void view_text_edit_object(board_view *v, const chalk_board_object *o);
void view_text_end(board_view *v);
void view_text_paint(board_view *v, cairo_t *c);

/* --- view_others.c --------------------------------------------------------------------------- */

void view_point(board_view *v, bool laser);
void view_others_event(board_view *v, const chalk_room_event *event);
void view_others_paint(board_view *v, cairo_t *c, uint64_t now_us);
uint64_t view_others_due(const board_view *v, uint64_t now_us);
void view_others_turn(board_view *v, uint64_t now_us);

/* --- view_lead.c ----------------------------------------------------------------------------- */

void view_lead_turn(board_view *v, uint64_t now_us);
void view_lead_toggle(board_view *v);
void view_follow_toggle(board_view *v);
uint64_t view_lead_due(const board_view *v);

/* --- view_overlay.c -------------------------------------------------------------------------- */

void view_overlay(board_view *v, cairo_t *c, uint64_t now_us);

#endif
