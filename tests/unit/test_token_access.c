/* Rights: every role against every act, in the own room and name and in others'. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "edge/access.h"
#include "support/check.h"

#define NOW 1800000000ull
static const char secret[] = "a secret of thirty-two bytes, ok";

static const ck_access closed = {.secret = secret, .secret_size = sizeof secret - 1};

static const char *token_of(char out[CHALK_TOKEN_MAX], uint32_t role)
{
    const ck_token_claims claims = {
        .room = "maths", .name = "ada", .role = (enum chalk_role)role, .expires_s = NOW + 60};
    CK_CHECK_EQ(ck_token_make(secret, sizeof secret - 1, &claims, NOW, out, CHALK_TOKEN_MAX),
                CHALK_OK);
    return out;
}

static int publish(uint32_t role, const char *path)
{
    char token[CHALK_TOKEN_MAX];
    ck_stream_name name;
    ck_access_result result;
    const char *why;
    CK_CHECK_EQ(ck_stream_name_parse(&name, path, &why), CHALK_OK);
    int status = ck_access_publish(&closed, token_of(token, role), &name, NOW, &result);
    CK_CHECK_EQ(status == CHALK_OK, result.why == NULL);
    return status;
}

CK_TEST(token_access, roles)
{
    static const struct {
        uint32_t role;
        bool publish_own;
        bool publish_other;
        bool oversee;
    } rows[] = {
        {CHALK_ROLE_OWNER, true, true, true},       {CHALK_ROLE_TEACHER, true, false, true},
        {CHALK_ROLE_ASSISTANT, true, false, false}, {CHALK_ROLE_STUDENT, false, false, false},
        {CHALK_ROLE_OBSERVER, false, false, false},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        char token[CHALK_TOKEN_MAX];
        ck_access_result result;
        token_of(token, rows[i].role);
        CK_CHECK_ROW(i, (publish(rows[i].role, "maths/ada/screen") == 0) == rows[i].publish_own);
        CK_CHECK_ROW(i, (publish(rows[i].role, "maths/bob/screen") == 0) == rows[i].publish_other);
        CK_CHECK_ROW(i, publish(rows[i].role, "art/ada/screen") == CHALK_ERR_DENIED);
        CK_CHECK_ROW(i, ck_access_play(&closed, token, "maths", NOW, &result) == CHALK_OK);
        CK_CHECK_ROW(i, ck_access_play(&closed, token, "art", NOW, &result) == CHALK_ERR_DENIED);
        CK_CHECK_ROW(i, ck_access_play(&closed, token, "maths", NOW + 60, &result) ==
                            CHALK_ERR_DENIED);
        CK_CHECK_ROW(i, (ck_access_oversee(&closed, token, NOW, &result) == 0) == rows[i].oversee);
    }
}

CK_TEST(token_access, a_missing_token_is_told_from_a_bad_one)
{
    ck_access_result result;
    CK_CHECK_EQ(ck_access_play(&closed, "", "maths", NOW, &result), CHALK_ERR_DENIED);
    CK_CHECK_EQ(result.fault, CK_TOKEN_MISSING);
    CK_CHECK_EQ(ck_access_play(&closed, "x", "maths", NOW, &result), CHALK_ERR_DENIED);
    CK_CHECK_EQ(result.fault, CK_TOKEN_FORM);
}

CK_TEST(token_access, an_open_edge_grants_all)
{
    const ck_access open = {.open = true};
    ck_stream_name name;
    ck_access_result result;
    const char *why;
    CK_CHECK_EQ(ck_stream_name_parse(&name, "maths/ada/screen", &why), CHALK_OK);
    CK_CHECK_EQ(ck_access_publish(&open, "", &name, NOW, &result), CHALK_OK);
    CK_CHECK_STR(result.claims.name, "");
    CK_CHECK_EQ(ck_access_play(&open, "nonsense", "maths", NOW, &result), CHALK_OK);
    CK_CHECK_EQ(ck_access_oversee(&open, "", NOW, &result), CHALK_OK);
}
