/*
 * chalkrail/role.h - who somebody is in a room: what tokens say and rooms show.
 *
 * A role is given by the token (chalkrail/edge.h) and can be changed in the room
 * (chalkrail/class.h). Owner, teacher and assistant are staff.
 *
 *     if (person.role <= CHALK_ROLE_ASSISTANT) show_badge(person.name);
 *
 * Thread: plain numbers. Lifetime: -
 */
#ifndef CHALKRAIL_ROLE_H
#define CHALKRAIL_ROLE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The lower the number, the higher the rank. What each may do with media is said here; what in a
 * room, in docs/PROTOCOL.md ("Rooms"). */
enum chalk_role {
    CHALK_ROLE_OWNER = 1,     /* publish under any name, play */
    CHALK_ROLE_TEACHER = 2,   /* publish under the own name, play */
    CHALK_ROLE_ASSISTANT = 3, /* publish under the own name, play */
    CHALK_ROLE_STUDENT = 4,   /* play */
    CHALK_ROLE_OBSERVER = 5,  /* play */
};

/* Longest room and participant name in bytes. A name is 1 to 64 bytes of ASCII letters, digits,
 * dot, underscore and hyphen, and of well-formed UTF-8 from U+00A0 on: no space, no slash, no
 * control character (U+0000 to U+001F, U+007F to U+009F). "." and ".." are no names, for browsers
 * take them out of paths. Names are compared byte by byte: normalise them (NFC) before a token is
 * made. */
#define CHALK_NAME_MAX 64

#ifdef __cplusplus
}
#endif
#endif
