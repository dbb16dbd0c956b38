/*
 * Who may do what. Rights come from a token's room and role alone:
 *
 *              owner   teacher  assistant  student  observer
 *     publish  anyone  self     self       -        -          of the token's room
 *     play     yes     yes      yes        yes      yes        of the token's room
 *     look     yes     yes      yes        yes      yes        at the streams of the token's room
 *     oversee  yes     yes      -          -        -          figures of the whole edge
 *
 * An open edge asks for no token and grants all. Pure; any thread.
 */
#ifndef CK_EDGE_ACCESS_H
#define CK_EDGE_ACCESS_H

#include "edge/name.h"
#include "edge/token.h"

typedef struct ck_access {
    bool open;
    const void *secret; /* borrowed; unused when open */
    size_t secret_size;
} ck_access;

typedef struct ck_access_result {
    ck_token_claims claims;    /* valid when CHALK_OK was returned and the edge is not open */
    enum ck_token_fault fault; /* MISSING tells "who are you" from "you may not" */
    const char *why;           /* static text after a refusal */
} ck_access_result;

/* `now_s` is wall-clock time. Each gives CHALK_OK or CHALK_ERR_DENIED. */
int ck_access_publish(const ck_access *access, const char *token, const ck_stream_name *name,
                      uint64_t now_s, ck_access_result *out);
int ck_access_play(const ck_access *access, const char *token, const char *room, uint64_t now_s,
                   ck_access_result *out);
int ck_access_oversee(const ck_access *access, const char *token, uint64_t now_s,
                      ck_access_result *out);

#endif
