#include "core/pointer/pointers.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

void ck_pointers_init(ck_pointers *p, const ck_alloc *alloc)
{
    *p = (ck_pointers){.alloc = alloc};
}

static void free_shape(const ck_pointers *p, ck_pointers_shape *shape)
{
    ck_free(p->alloc, (void *)(uintptr_t)shape->shape.bgra);
    *shape = (ck_pointers_shape){0};
}

static void free_person(const ck_pointers *p, ck_pointers_person *person)
{
    for (size_t i = 0; i < CK_POINTERS_SHAPES; i++) {
        free_shape(p, &person->shapes[i]);
    }
    ck_free(p->alloc, person->parts);
    *person = (ck_pointers_person){0};
}

void ck_pointers_free(ck_pointers *p)
{
    for (size_t i = 0; i < p->places; i++) {
        free_person(p, &p->people[i]);
    }
    ck_free(p->alloc, p->people);
    p->people = NULL;
    p->places = 0;
}

/* --- who ------------------------------------------------------------------------------------- */

static const ck_pointers_person *find(const ck_pointers *p, uint64_t author)
{
    const ck_pointers_person *last = NULL;
    for (size_t i = 0; i < p->places; i++) {
        const ck_pointers_person *person = &p->people[i];
        if (person->author != 0 && person->author == author) {
            return person;
        }
        bool later = person->author != 0 && (last == NULL || person->heard_us > last->heard_us);
        last = later ? person : last;
    }
    return author == 0 ? last : NULL;
}

/* Of most rooms nobody shares a screen: there is memory for pointers once there is one. */
static bool make_places(ck_pointers *p)
{
    if (p->places == 0) {
        p->people = ck_new_array(p->alloc, CK_POINTERS_MAX, sizeof *p->people);
        p->places = p->people != NULL ? CK_POINTERS_MAX : 0;
    }
    return p->places > 0;
}

/* In the place of the one that was heard longest ago; NULL: no memory. */
static ck_pointers_person *take(ck_pointers *p, uint64_t author)
{
    if (!make_places(p)) {
        return NULL;
    }
    ck_pointers_person *place = &p->people[0];
    for (size_t i = 0; i < p->places; i++) {
        ck_pointers_person *person = &p->people[i];
        if (person->author == author) {
            return person;
        }
        bool better = person->author == 0 || person->heard_us < place->heard_us;
        place = place->author != 0 && better ? person : place;
    }
    free_person(p, place);
    place->author = author;
    return place;
}

void ck_pointers_hide(ck_pointers *p, uint64_t author)
{
    for (size_t i = 0; i < p->places; i++) {
        if (p->people[i].author == author) {
            p->people[i].to = (ck_wire_pointer){0};
        }
    }
}

/* --- shapes ---------------------------------------------------------------------------------- */

static const ck_pointers_shape *find_shape(const ck_pointers_person *person, uint64_t id)
{
    for (size_t i = 0; i < CK_POINTERS_SHAPES; i++) {
        if (id != 0 && person->shapes[i].id == id) {
            return &person->shapes[i];
        }
    }
    return NULL;
}

/* In the place of the one that was used longest ago, but not of the one that is shown. */
static void keep_shape(ck_pointers *p, ck_pointers_person *person, uint64_t id,
                       const ck_shape *shape)
{
    ck_pointers_shape *place = NULL;
    for (size_t i = 0; i < CK_POINTERS_SHAPES; i++) {
        ck_pointers_shape *at = &person->shapes[i];
        bool shown = at->id != 0 && at->id == person->to.shape;
        if (!shown && (place == NULL || at->used < place->used)) {
            place = at;
        }
    }
    free_shape(p, place);
    *place = (ck_pointers_shape){.id = id, .used = ++p->uses, .shape = *shape};
}

static bool same_shape(const ck_wire_shape *a, const ck_wire_shape *b)
{
    return a->id == b->id && a->parts == b->parts && a->width == b->width &&
           a->height == b->height && a->x == b->x && a->y == b->y && a->scale == b->scale;
}

static int put_together(ck_pointers *p, ck_pointers_person *person)
{
    ck_shape shape;
    int status =
        ck_shape_unpack(p->alloc, &person->head, ck_bytes_of(person->parts, person->size), &shape);
    if (status == CHALK_OK) {
        keep_shape(p, person, person->head.id, &shape);
    }
    person->head.id = 0;
    return status;
}

static int take_part(ck_pointers *p, uint64_t author, uint64_t key, const ck_wire_shape *part)
{
    int status = ck_shape_check(part);
    if (status < 0 || part->part != key - CK_SPOT_SHAPE) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_pointers_person *person = take(p, author);
    if (person == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (find_shape(person, part->id) != NULL) {
        return CHALK_OK; /* told again for those who have come */
    }
    if (person->parts == NULL) {
        person->parts = ck_new_array(p->alloc, CK_SHAPE_BYTES, 1);
    }
    if (person->parts == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (!same_shape(&person->head, part)) {
        person->head = *part;
        person->have = 0;
    }
    size_t from = (size_t)part->part * CK_SHAPE_PART_BYTES;
    memcpy(person->parts + from, part->data.data, part->data.size);
    person->have |= 1u << part->part;
    if (part->part + 1 == part->parts) {
        person->size = from + part->data.size;
    }
    bool whole = person->have == (1u << part->parts) - 1;
    return whole ? put_together(p, person) : CHALK_OK;
}

/* --- places ---------------------------------------------------------------------------------- */

static double part_of_way(const ck_pointers_person *person, uint64_t now_us)
{
    uint64_t gone_us = now_us > person->set_out_us ? now_us - person->set_out_us : 0;
    return gone_us >= person->glide_us ? 1.0 : (double)gone_us / (double)person->glide_us;
}

static void place_at(const ck_pointers_person *person, uint64_t now_us, double *x, double *y)
{
    double part = part_of_way(person, now_us);
    *x = person->from_x + ((double)person->to.x - person->from_x) * part;
    *y = person->from_y + ((double)person->to.y - person->from_y) * part;
}

/* A pointer that is hidden uses none, and no place that is empty. */
static void note_use(ck_pointers *p, ck_pointers_person *person)
{
    for (size_t i = 0; i < CK_POINTERS_SHAPES; i++) {
        ck_pointers_shape *at = &person->shapes[i];
        if (at->id != 0 && at->id == person->to.shape) {
            at->used = ++p->uses;
        }
    }
}

/* What is seen moves there; what was not seen, or has rested, is there. */
static int take_place(ck_pointers *p, uint64_t author, const ck_wire_pointer *to, uint64_t now_us)
{
    ck_pointers_person *person = take(p, author);
    if (person == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    uint64_t since_us = now_us - CK_MIN(person->heard_us, now_us);
    bool glides = person->to.shape != 0 && to->shape != 0 && since_us > CK_POINTERS_FLUENT_US &&
                  since_us <= CK_POINTERS_GLIDE_US;
    place_at(person, now_us, &person->from_x, &person->from_y);
    person->to = *to;
    person->heard_us = now_us;
    person->set_out_us = now_us;
    person->glide_us = glides ? since_us : 0;
    note_use(p, person);
    return CHALK_OK;
}

int ck_pointers_feed(ck_pointers *p, uint64_t author, uint64_t key, ck_bytes data, uint64_t now_us)
{
    ck_wire_pointer place;
    ck_wire_shape part;
    if (author == 0 || key < CK_SPOT_POINTER || key >= CK_SPOT_SHAPE + CK_SPOT_SHAPES) {
        return CHALK_ERR_BAD_DATA;
    }
    bool placed = key == CK_SPOT_POINTER;
    int status = placed ? ck_wire_decode(&ck_type_pointer, data, &place)
                        : ck_wire_decode(&ck_type_shape, data, &part);
    if (status < 0) {
        return status;
    }
    return placed ? take_place(p, author, &place, now_us) : take_part(p, author, key, &part);
}

bool ck_pointers_at(const ck_pointers *p, uint64_t author, uint64_t now_us, ck_pointers_seen *out)
{
    const ck_pointers_person *person = find(p, author);
    const ck_pointers_shape *shape = person != NULL ? find_shape(person, person->to.shape) : NULL;
    if (shape == NULL || now_us - CK_MIN(person->heard_us, now_us) > CK_POINTERS_SILENT_US) {
        return false;
    }
    *out = (ck_pointers_seen){
        .author = person->author,
        .id = shape->id,
        .shape = &shape->shape,
        .moves = part_of_way(person, now_us) < 1.0,
    };
    place_at(person, now_us, &out->x, &out->y);
    return true;
}
