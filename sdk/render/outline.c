#include "render/outline.h"

#include "base/check.h"

#include <math.h>
#include <stddef.h>

#define PI          3.14159265358979323846
#define TURN_MOST   1.2  /* of a round's corner, radians */
#define STEPS_MOST  128u /* of half a round */
#define STEP_FLATS  2.0  /* points are that many times `flat` apart */
#define MITRE_LEAST 2.5  /* a side must be so much longer than what its corner takes of it */

void ck_outline_init(ck_outline *o, cairo_t *cr, ck_area *area, double flat)
{
    cairo_matrix_t m;
    cairo_get_matrix(cr, &m);
    o->cr = cr;
    o->area = area;
    o->scale = m.xx;
    o->shift_x = m.x0;
    o->shift_y = m.y0;
    o->flat = flat;
    o->step = STEP_FLATS * flat;
    o->count = o->right_count = 0;
    o->waits = false;
}

/* --- sides ----------------------------------------------------------------------------------- */

static void left(const ck_outline *o, double x, double y)
{
    if (o->area != NULL) {
        ck_area_corner(o->area, x * o->scale + o->shift_x, y * o->scale + o->shift_y);
    } else {
        cairo_line_to(o->cr, x, y);
    }
}

static void close_polygon(const ck_outline *o)
{
    if (o->area != NULL) {
        ck_area_close(o->area);
    } else {
        cairo_close_path(o->cr);
    }
}

static void right(ck_outline *o, double x, double y)
{
    o->right[o->right_count++] = (ck_outline_point){x, y};
}

static uint32_t steps_of(const ck_outline *o, double radius, double angle)
{
    double turn = radius > o->flat ? 2 * acos(1 - o->flat / radius) : TURN_MOST;
    double steps = ceil(angle / CK_MIN(turn, TURN_MOST));
    return (uint32_t)CK_CLAMP(steps, 1.0, (double)STEPS_MOST);
}

/* Corners strictly between the two ends of an arc around `o->at` that begins at a unit vector. */
static void arc(ck_outline *o, ck_outline_point from, double radius, double angle, bool on_left)
{
    uint32_t steps = steps_of(o, radius, fabs(angle));
    double c = cos(angle / steps), s = sin(angle / steps);
    for (uint32_t i = 1; i < steps; i++) {
        from = (ck_outline_point){from.x * c - from.y * s, from.x * s + from.y * c};
        (on_left ? left(o, o->at.x + from.x * radius, o->at.y + from.y * radius)
                 : right(o, o->at.x + from.x * radius, o->at.y + from.y * radius));
    }
}

/* --- joints ---------------------------------------------------------------------------------- */

/* From the segment with o->normal to one with `to`, at o->at. */
static void join(ck_outline *o, ck_outline_point to, double length)
{
    const ck_outline_point from = o->normal;
    double r = o->radius, dot = CK_CLAMP(from.x * to.x + from.y * to.y, -1.0, 1.0);
    double cross = from.x * to.y - from.y * to.x;
    double taken = r * fabs(cross) / (1 + dot); /* by a mitre, of each side */
    double mitre = r * (sqrt(2 / (1 + dot)) - 1);
    if (dot > 0 && mitre <= o->flat && CK_MIN(length, o->length) >= MITRE_LEAST * taken) {
        double share = r / (1 + dot), x = (from.x + to.x) * share, y = (from.y + to.y) * share;
        left(o, o->at.x + x, o->at.y + y);
        right(o, o->at.x - x, o->at.y - y);
        return;
    }
    bool left_is_inside = cross > 0;
    left(o, o->at.x + from.x * r, o->at.y + from.y * r);
    right(o, o->at.x - from.x * r, o->at.y - from.y * r);
    if (left_is_inside) {
        left(o, o->at.x, o->at.y);
        arc(o, (ck_outline_point){-from.x, -from.y}, r, acos(dot), false);
    } else {
        arc(o, from, r, -acos(dot), true);
        right(o, o->at.x, o->at.y);
    }
    left(o, o->at.x + to.x * r, o->at.y + to.y * r);
    right(o, o->at.x - to.x * r, o->at.y - to.y * r);
}

static void dot(ck_outline *o)
{
    uint32_t steps = steps_of(o, o->radius, 2 * PI);
    for (uint32_t i = 0; i < steps; i++) {
        double angle = -2 * PI * i / steps;
        left(o, o->at.x + o->radius * cos(angle), o->at.y + o->radius * sin(angle));
    }
    close_polygon(o);
}

static void close_run(ck_outline *o)
{
    const ck_outline_point n = o->normal;
    left(o, o->at.x + n.x * o->radius, o->at.y + n.y * o->radius);
    arc(o, n, o->radius, -PI, true);
    left(o, o->at.x - n.x * o->radius, o->at.y - n.y * o->radius);
    while (o->right_count > 0) {
        o->right_count--;
        left(o, o->right[o->right_count].x, o->right[o->right_count].y);
    }
    o->at = o->start;
    arc(o, (ck_outline_point){-o->start_normal.x, -o->start_normal.y}, o->start_radius, -PI, true);
    close_polygon(o);
}

/* --- runs ------------------------------------------------------------------------------------ */

static void begin(ck_outline *o, ck_outline_point at, double radius)
{
    o->at = o->start = at;
    o->radius = o->start_radius = radius;
    o->count = 1;
    o->waits = false;
    if (o->area == NULL) {
        cairo_new_sub_path(o->cr);
    }
}

/* A right side that has no room for another joint: the run goes on as a new one. */
static void make_room(ck_outline *o)
{
    if (o->right_count + STEPS_MOST + 3 > CK_OUTLINE_SIDE) {
        const ck_outline_point at = o->at;
        double radius = o->radius;
        close_run(o);
        begin(o, at, radius);
    }
}

static void add(ck_outline *o, ck_outline_point to, double radius, double length)
{
    const ck_outline_point n = {-(to.y - o->at.y) / length, (to.x - o->at.x) / length};
    if (o->count > 1) {
        make_room(o);
    }
    if (o->count > 1) {
        join(o, n, length);
    } else {
        o->start_normal = n;
        left(o, o->at.x + n.x * o->radius, o->at.y + n.y * o->radius);
        right(o, o->at.x - n.x * o->radius, o->at.y - n.y * o->radius);
    }
    o->normal = n;
    o->length = length;
    o->at = to;
    o->radius = radius;
    o->count++;
}

void ck_outline_to(ck_outline *o, double x, double y, double radius)
{
    const ck_outline_point to = {x, y};
    if (o->count == 0) {
        begin(o, to, radius);
        return;
    }
    double dx = x - o->at.x, dy = y - o->at.y, length = sqrt(dx * dx + dy * dy);
    o->waits = length < o->step;
    if (o->waits) {
        o->next = to;
        o->next_radius = radius;
        return;
    }
    add(o, to, radius, length);
}

void ck_outline_end(ck_outline *o)
{
    if (o->count == 0) {
        return;
    }
    double length = o->waits ? hypot(o->next.x - o->at.x, o->next.y - o->at.y) : 0;
    if (o->count > 1 && length > 0) {
        add(o, o->next, o->next_radius, length);
    }
    if (o->count == 1) {
        o->radius = o->waits ? CK_MAX(o->radius, o->next_radius) : o->radius;
        dot(o);
    } else {
        close_run(o);
    }
    o->count = 0;
    o->waits = false;
}
