#include "edge/access.h"

#include <string.h>

static int deny(ck_access_result *out, const char *why)
{
    out->why = why;
    return CHALK_ERR_DENIED;
}

static int verify(const ck_access *access, const char *token, uint64_t now_s, ck_access_result *out)
{
    out->fault = ck_token_verify(access->secret, access->secret_size, token, now_s, &out->claims);
    return out->fault == CK_TOKEN_FINE ? CHALK_OK : deny(out, ck_token_fault_text(out->fault));
}

int ck_access_play(const ck_access *access, const char *token, const char *room, uint64_t now_s,
                   ck_access_result *out)
{
    memset(out, 0, sizeof *out);
    if (access->open) {
        return CHALK_OK;
    }
    int status = verify(access, token, now_s, out);
    if (status == CHALK_OK && strcmp(out->claims.room, room) != 0) {
        return deny(out, "the token is for another room");
    }
    return status;
}

int ck_access_publish(const ck_access *access, const char *token, const ck_stream_name *name,
                      uint64_t now_s, ck_access_result *out)
{
    int status = ck_access_play(access, token, name->room, now_s, out);
    if (status != CHALK_OK || access->open || out->claims.role == CHALK_ROLE_OWNER) {
        return status;
    }
    if (out->claims.role != CHALK_ROLE_TEACHER && out->claims.role != CHALK_ROLE_ASSISTANT) {
        return deny(out, "this role may not publish");
    }
    if (strcmp(out->claims.name, name->name) != 0) {
        return deny(out, "the token is for another participant");
    }
    return CHALK_OK;
}

int ck_access_oversee(const ck_access *access, const char *token, uint64_t now_s,
                      ck_access_result *out)
{
    memset(out, 0, sizeof *out);
    if (access->open) {
        return CHALK_OK;
    }
    int status = verify(access, token, now_s, out);
    if (status == CHALK_OK && out->claims.role != CHALK_ROLE_OWNER &&
        out->claims.role != CHALK_ROLE_TEACHER) {
        return deny(out, "this role may not see the figures of the whole edge");
    }
    return status;
}
