/*
 * The pictures that a canvas lacks: their files are fetched by the room, and decoded on a thread of
 * the canvas, one at a time, so that painting goes on.
 *
 * Thread: the canvas's; the room is locked. Lifetime: before the session's.
 */
#ifndef CK_CLIENT_CANVAS_IMAGES_H
#define CK_CLIENT_CANVAS_IMAGES_H

#include "client/room.h"
#include "render/images.h"

#include "chalkrail/render.h"

typedef struct ck_image_loader ck_image_loader;

/* Takes what is decoded, asks for what is wanted. True: a picture is there that was not. */
bool ck_image_loader_run(ck_image_loader **loader, ck_images *images, ck_client_room *room);
bool ck_image_loader_is_busy(ck_image_loader *loader);  /* NULL: no */
void ck_image_loader_destroy(ck_image_loader **loader); /* NULL inside is accepted */

/* canvas.c: those that a canvas has; borrowed. */
ck_images *ck_client_canvas_images(const chalk_canvas *canvas);

#endif
