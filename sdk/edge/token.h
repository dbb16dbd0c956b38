/*
 * Tokens: JSON Web Tokens (RFC 7519) in compact form, signed with HMAC-SHA256 (RFC 7515, HS256).
 *
 *     {"alg":"HS256","typ":"JWT"} . {"room":"maths","name":"ada","role":"teacher","exp":1893456000}
 *
 * The algorithm is fixed: "none", asymmetric ones and everything else are refused, whatever the
 * header says (RFC 8725, 3.1). The signature is compared in constant time and before any JSON is
 * parsed, so only what the holder of the secret wrote reaches the parser. "nbf" is honoured where
 * it is present; a "crit" header is refused (RFC 7515, 4.1.11); other claims are ignored.
 *
 * Pure but for the heap that OpenSSL and cJSON use inside (chalk_token_create alone looks at the
 * clock); any thread.
 */
#ifndef CK_EDGE_TOKEN_H
#define CK_EDGE_TOKEN_H

#include "chalkrail/edge.h"

#include <stddef.h>
#include <stdint.h>

typedef struct ck_token_claims {
    char room[CHALK_NAME_MAX + 1];
    char name[CHALK_NAME_MAX + 1];
    enum chalk_role role;
    uint64_t expires_s; /* seconds since the Unix epoch */
} ck_token_claims;

/* X(NAME, text) */
#define CK_TOKEN_FAULT_LIST(X)                                                                     \
    X(MISSING, "a token is needed")                                                                \
    X(SIZE, "the token is too long")                                                               \
    X(FORM, "the token is not three parts of base64url")                                           \
    X(SIGNATURE, "the token's signature is wrong")                                                 \
    X(ALGORITHM, "the token's algorithm is not HS256")                                             \
    X(CRITICAL, "the token demands an extension that is not known here")                           \
    X(JSON, "the token's header or claims are not a JSON object")                                  \
    X(CLAIMS, "the token's room, name, role or exp is missing or out of range")                    \
    X(EXPIRED, "the token has expired")                                                            \
    X(NOT_YET, "the token is not valid yet")

enum ck_token_fault {
    CK_TOKEN_FINE = 0,
#define CK_TOKEN_FAULT_ENUM(name, text) CK_TOKEN_##name,
    CK_TOKEN_FAULT_LIST(CK_TOKEN_FAULT_ENUM)
#undef CK_TOKEN_FAULT_ENUM
};

const char *ck_token_fault_text(enum ck_token_fault fault); /* static; "" for FINE */

/* "owner", "teacher"...; "" for a value that is none. */
const char *ck_role_name(uint32_t role);
/* The role of that exact name, 0 for none. */
uint32_t ck_role_of_name(const char *name);

/* `now_s`: seconds since the Unix epoch; a token is expired from the second `exp` on. Fills *out
 * when, and only when, CK_TOKEN_FINE is returned. */
enum ck_token_fault ck_token_verify(const void *secret, size_t secret_size, const char *token,
                                    uint64_t now_s, ck_token_claims *out);

/* Signs claims. CHALK_ERR_INVALID_ARGUMENT: the secret's size, a name, the role, an expiry that is
 * not after `now_s`; CHALK_ERR_LIMIT: `out` is too small; CHALK_ERR_NO_MEMORY. */
int ck_token_make(const void *secret, size_t secret_size, const ck_token_claims *claims,
                  uint64_t now_s, char *out, size_t out_size);

#endif
