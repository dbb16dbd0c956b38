/*
 * What the edge's pages have in common: who asks, and how it is answered. Loop thread; strings are
 * the caller's.
 */
#ifndef CK_EDGE_ANSWER_H
#define CK_EDGE_ANSWER_H

#include "base/bytes.h"
#include "edge/state.h"

#define CK_JSON_TYPE "application/json; charset=utf-8"

uint64_t ck_wall_s(void); /* seconds since the Unix epoch */

/* ---- who asks ---- */

/* Of the query, else of Authorization. "" when there is none; one that is too long or broken
 * becomes a token that no secret signs. */
void ck_find_token(const ck_httpd_request *request, char token[CHALK_TOKEN_MAX]);

/* Whether figures of the whole edge may be shown: CHALK_OK, or CHALK_ERR_DENIED and why. */
int ck_may_oversee(ck_edge *edge, const ck_httpd_request *request, ck_access_result *access);

/* An open edge asked under a foreign name: then that was answered. */
bool ck_is_misdirected(ck_edge *edge, const ck_httpd_request *request, ck_httpd_reply *reply);

/* A browser asks any site on behalf of any page: on an open edge, which knows no tokens, only pages
 * of this machine may do more than look. */
bool ck_is_foreign_page(const ck_edge *edge, const ck_httpd_request *request);

/* ---- the answer ---- */

/* Lets a page of another site read the answer, where that may be. */
void ck_allow_origin(const ck_edge *edge, const ck_httpd_request *request, ck_httpd_reply *reply);

/* Plain text, a line. */
void ck_reply_text(ck_httpd_reply *reply, int status, const char *text);

/* Refuses with a line that says why; counted. Gives back the status. */
int ck_reply_why(ck_edge *edge, ck_httpd_reply *reply, int status, const char *why);

/* Sends and frees a page; one that could not be written whole is an error, never half a page. */
void ck_reply_page(ck_httpd_reply *reply, const char *type, ck_buf *page);

/* 401 or 403, counted. */
void ck_reply_refusal(ck_edge *edge, ck_httpd_reply *reply, const ck_access_result *access);

#endif
