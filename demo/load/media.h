/* What a participant watches, without decoding, and what it publishes, prepared beforehand. */
#ifndef DEMO_LOAD_MEDIA_H
#define DEMO_LOAD_MEDIA_H

#include "load/student.h"

/* It is in the room for the first time. */
void load_media_begin(load_student *s);
/* The end: figures are taken. */
void load_media_count(load_student *s);

#endif
