/* Tokens: what is accepted, and the name of every refusal. */
#include "base/check.h"
#include "base/rng.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/base64url.h"
#include "edge/token.h"
#include "support/check.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

static const char secret[] = "a secret of thirty-two bytes, ok";
#define SECRET secret, sizeof secret - 1
#define NOW    1800000000ull
#define FAR    7258118400ull /* the year 2200 */

#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define CLAIMS "{\"room\":\"maths\",\"name\":\"ada\",\"role\":\"teacher\",\"exp\":1800003600}"

/* Made at NOW. */
static int create(const char *room, const char *name, uint32_t role, uint64_t expires_s,
                  char out[CHALK_TOKEN_MAX])
{
    ck_token_claims claims = {.role = (enum chalk_role)role, .expires_s = expires_s};
    CK_CHECK(ck_text_copy(claims.room, sizeof claims.room, room));
    CK_CHECK(ck_text_copy(claims.name, sizeof claims.name, name));
    return ck_token_make(SECRET, &claims, NOW, out, CHALK_TOKEN_MAX);
}

/* A token with any header and claims, rightly signed unless the key is another. */
static const char *make(char out[2048], const char *header, const char *claims, const char *key)
{
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned int mac_size = 0;
    ck_text text = ck_text_of(out, 2048);
    ck_base64url_add(&text, header, strlen(header));
    ck_text_add(&text, ".");
    ck_base64url_add(&text, claims, strlen(claims));
    HMAC(EVP_sha256(), key, (int)strlen(key), (const uint8_t *)out, text.used, mac, &mac_size);
    ck_text_add(&text, ".");
    ck_base64url_add(&text, mac, mac_size);
    return out;
}

CK_TEST(token, made_and_verified)
{
    for (uint32_t role = CHALK_ROLE_OWNER; role <= CHALK_ROLE_OBSERVER; role++) {
        char token[CHALK_TOKEN_MAX];
        ck_token_claims claims;
        CK_CHECK_EQ(create("maths", "ada", role, NOW + 1, token), CHALK_OK);
        CK_CHECK_EQ(ck_token_verify(SECRET, token, NOW, &claims), CK_TOKEN_FINE);
        CK_CHECK_STR(claims.room, "maths");
        CK_CHECK_STR(claims.name, "ada");
        CK_CHECK_EQ(claims.role, role);
        CK_CHECK_EQ(claims.expires_s, NOW + 1);
        CK_CHECK_EQ(ck_token_verify(SECRET, token, NOW + 1, &claims), CK_TOKEN_EXPIRED);
    }
}

CK_TEST(token, the_longest_names_fit)
{
    char name[CHALK_NAME_MAX + 1];
    char token[CHALK_TOKEN_MAX];
    ck_token_claims claims;
    memset(name, 'x', CHALK_NAME_MAX);
    name[CHALK_NAME_MAX] = '\0';
    CK_CHECK_EQ(create(name, name, CHALK_ROLE_ASSISTANT, 9007199254740991ull, token), CHALK_OK);
    CK_CHECK_EQ(ck_token_verify(SECRET, token, NOW, &claims), CK_TOKEN_FINE);
    CK_CHECK_STR(claims.name, name);
}

/* The signature was computed by another program. */
CK_TEST(token, another_implementation_agrees)
{
    static const char token[] =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        "eyJyb29tIjoibWF0aHMiLCJuYW1lIjoiYWRhIiwicm9sZSI6InRlYWNoZXIiLCJleHAiOjE4MDAwMDM2MDB9."
        "rkfBu7-ZaSY4g2hGh4jeNWl2CalPkE7pqbL5qkYH8lE";
    char made[CHALK_TOKEN_MAX];
    ck_token_claims claims;
    CK_CHECK_EQ(ck_token_verify(SECRET, token, NOW, &claims), CK_TOKEN_FINE);
    CK_CHECK_EQ(create("maths", "ada", CHALK_ROLE_TEACHER, 1800003600, made), CHALK_OK);
    CK_CHECK_STR(made, token);
}

CK_TEST(token, refusals)
{
    static const struct {
        const char *header;
        const char *claims;
        enum ck_token_fault fault;
    } rows[] = {
        {HEADER, CLAIMS, CK_TOKEN_FINE},
        {"{\"typ\":\"JWT\",\"kid\":\"1\",\"alg\":\"HS256\"}", CLAIMS, CK_TOKEN_FINE},
        {"{\"alg\":\"none\"}", CLAIMS, CK_TOKEN_ALGORITHM},
        {"{\"alg\":\"None\"}", CLAIMS, CK_TOKEN_ALGORITHM},
        {"{\"alg\":\"hs256\"}", CLAIMS, CK_TOKEN_ALGORITHM},
        {"{\"alg\":\"HS512\"}", CLAIMS, CK_TOKEN_ALGORITHM},
        {"{\"alg\":\"RS256\"}", CLAIMS, CK_TOKEN_ALGORITHM},
        {"{\"alg\":[\"HS256\"]}", CLAIMS, CK_TOKEN_ALGORITHM},
        {"{\"Alg\":\"HS256\"}", CLAIMS, CK_TOKEN_ALGORITHM},
        {"{}", CLAIMS, CK_TOKEN_ALGORITHM},
        {"{\"alg\":\"HS256\",\"crit\":[\"b64\"]}", CLAIMS, CK_TOKEN_CRITICAL},
        {"[]", CLAIMS, CK_TOKEN_JSON},
        {"", CLAIMS, CK_TOKEN_JSON},
        {"{\"alg\":\"HS256\"", CLAIMS, CK_TOKEN_JSON},
        {HEADER " x", CLAIMS, CK_TOKEN_JSON},
        {HEADER, "null", CK_TOKEN_JSON},
        {HEADER, "\"text\"", CK_TOKEN_JSON},
        {HEADER, "{}", CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":\"m\",\"name\":\"a\",\"role\":\"teacher\"}", CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":\"m\",\"name\":\"a\",\"role\":\"king\",\"exp\":1800003600}",
         CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":\"m\",\"name\":\"a\",\"role\":2,\"exp\":1800003600}", CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":\"m/n\",\"name\":\"a\",\"role\":\"owner\",\"exp\":1800003600}",
         CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":\"m\",\"name\":\"\",\"role\":\"owner\",\"exp\":1800003600}",
         CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":[\"m\"],\"name\":\"a\",\"role\":\"owner\",\"exp\":1800003600}",
         CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":\"m\",\"name\":\"a\",\"role\":\"owner\",\"exp\":\"1800003600\"}",
         CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":\"m\",\"name\":\"a\",\"role\":\"owner\",\"exp\":-1}", CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":\"m\",\"name\":\"a\",\"role\":\"owner\",\"exp\":1e300}",
         CK_TOKEN_CLAIMS},
        {HEADER, "{\"room\":\"m\",\"name\":\"a\",\"role\":\"owner\",\"exp\":1800000000}",
         CK_TOKEN_EXPIRED},
        {HEADER,
         "{\"room\":\"m\",\"name\":\"a\",\"role\":\"owner\",\"exp\":1800003600,"
         "\"nbf\":1800000001}",
         CK_TOKEN_NOT_YET},
        {HEADER,
         "{\"room\":\"m\",\"name\":\"a\",\"role\":\"owner\",\"exp\":1800003600,"
         "\"nbf\":1800000000}",
         CK_TOKEN_FINE},
        {HEADER,
         "{\"room\":\"m\",\"name\":\"a\",\"role\":\"owner\",\"exp\":1800003600,\"nbf\":true}",
         CK_TOKEN_CLAIMS},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        char token[2048];
        ck_token_claims claims = {.room = "untouched"};
        make(token, rows[i].header, rows[i].claims, secret);
        enum ck_token_fault fault = ck_token_verify(SECRET, token, NOW, &claims);
        CK_CHECK_ROW(i, fault == rows[i].fault);
        CK_CHECK_ROW(i, fault == CK_TOKEN_FINE || strcmp(claims.room, "untouched") == 0);
        CK_CHECK_ROW(i, fault == CK_TOKEN_FINE || ck_token_fault_text(fault)[0] != '\0');
        make(token, rows[i].header, rows[i].claims, "another secret of enough bytes..");
        CK_CHECK_ROW(i, ck_token_verify(SECRET, token, NOW, &claims) == CK_TOKEN_SIGNATURE);
    }
}

CK_TEST(token, forms)
{
    static const struct {
        const char *token;
        enum ck_token_fault fault;
    } rows[] = {
        {"", CK_TOKEN_MISSING},      {".", CK_TOKEN_FORM},        {"..", CK_TOKEN_SIGNATURE},
        {"a.b", CK_TOKEN_FORM},      {"a.b.c.d", CK_TOKEN_FORM},  {"a.b.c=", CK_TOKEN_FORM},
        {"a.b.cc==", CK_TOKEN_FORM}, {"a.b.c c ", CK_TOKEN_FORM}, {"a.b.+/", CK_TOKEN_FORM},
        {"token", CK_TOKEN_FORM},
    };
    ck_token_claims claims;
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, ck_token_verify(SECRET, rows[i].token, NOW, &claims) == rows[i].fault);
    }
}

CK_TEST(token, unsigned_tokens_are_refused)
{
    char token[2048];
    ck_token_claims claims;
    make(token, "{\"alg\":\"none\"}", CLAIMS, secret);
    *(strrchr(token, '.') + 1) = '\0';
    CK_CHECK_EQ(ck_token_verify(SECRET, token, NOW, &claims), CK_TOKEN_SIGNATURE);
}

CK_TEST(token, oversized_ones_are_refused)
{
    char big[CHALK_TOKEN_MAX + 100];
    ck_token_claims claims;
    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    CK_CHECK_EQ(ck_token_verify(SECRET, big, NOW, &claims), CK_TOKEN_SIZE);
}

CK_TEST(token, any_cut_or_changed_character_is_refused)
{
    char token[CHALK_TOKEN_MAX];
    ck_token_claims claims;
    CK_CHECK_EQ(create("maths", "ada", CHALK_ROLE_OWNER, NOW + 9, token), CHALK_OK);
    size_t size = strlen(token);
    for (size_t i = 0; i < size; i++) {
        char kept = token[i];
        token[i] = kept == 'A' ? 'B' : 'A';
        CK_CHECK_ROW(i, ck_token_verify(SECRET, token, NOW, &claims) != CK_TOKEN_FINE);
        token[i] = '\0';
        CK_CHECK_ROW(i, ck_token_verify(SECRET, token, NOW, &claims) != CK_TOKEN_FINE);
        token[i] = kept;
    }
    CK_CHECK_EQ(ck_token_verify(SECRET, token, NOW, &claims), CK_TOKEN_FINE);
}

CK_TEST(token, create_checks_its_arguments)
{
    char token[CHALK_TOKEN_MAX];
    static const struct {
        size_t secret_size;
        const char *room;
        const char *name;
        uint32_t role;
        size_t size;
        int status;
    } rows[] = {
        {32, "maths", "ada", 1, CHALK_TOKEN_MAX, CHALK_OK},
        {15, "maths", "ada", 1, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {5000, "maths", "ada", 1, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {32, "", "ada", 1, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {32, "ma ths", "ada", 1, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {32, "ma\xc2\x9fths", "ada", 1, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {32, "ma\xc2\xa0ths", "ada", 1, CHALK_TOKEN_MAX, CHALK_OK},
        {32, ".", "ada", 1, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {32, NULL, "ada", 1, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {32, "maths", "..", 1, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {32, "maths", "ada", 0, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {32, "maths", "ada", 6, CHALK_TOKEN_MAX, CHALK_ERR_INVALID_ARGUMENT},
        {32, "maths", "ada", 1, 100, CHALK_ERR_LIMIT},
        {32, "maths", "ada", 1, 0, CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        int status = chalk_token_create(secret, rows[i].secret_size, rows[i].room, rows[i].name,
                                        rows[i].role, FAR, token, rows[i].size);
        CK_CHECK_ROW(i, status == rows[i].status);
    }
    CK_CHECK_EQ(chalk_token_create(NULL, 32, "m", "a", 1, FAR, token, sizeof token),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_token_create(SECRET, "m", "a", 1, FAR, NULL, 1), CHALK_ERR_INVALID_ARGUMENT);
}

CK_TEST(token, one_that_has_expired_already_is_not_made)
{
    static const struct {
        uint64_t expires_s;
        int status;
    } rows[] = {
        {0, CHALK_ERR_INVALID_ARGUMENT},
        {NOW - 1, CHALK_ERR_INVALID_ARGUMENT},
        {NOW, CHALK_ERR_INVALID_ARGUMENT},
        {NOW + 1, CHALK_OK},
        {1ull << 53, CHALK_OK},
        {(1ull << 53) + 2, CHALK_ERR_INVALID_ARGUMENT},
    };
    char token[CHALK_TOKEN_MAX];
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, create("maths", "ada", 1, rows[i].expires_s, token) == rows[i].status);
    }
    /* By the clock on the wall, which stands after 2001 and before 2200. */
    CK_CHECK_EQ(chalk_token_create(SECRET, "m", "a", 1, 1000000000, token, sizeof token),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_token_create(SECRET, "m", "a", 1, FAR, token, sizeof token), CHALK_OK);
}

CK_TEST(token, base64url_goes_round)
{
    ck_rng rng;
    ck_rng_seed(&rng, 7);
    for (size_t size = 0; size < 100; size++) {
        uint8_t bytes[100];
        uint8_t back[100];
        char text[140];
        for (size_t i = 0; i < size; i++) {
            bytes[i] = (uint8_t)ck_rng_next(&rng);
        }
        ck_text out = ck_text_of(text, sizeof text);
        ck_base64url_add(&out, bytes, size);
        CK_CHECK_EQ(ck_base64url_decode(back, sizeof back, text, out.used), size);
        CK_CHECK_MEM(back, bytes, size);
        CK_CHECK(size == 0 ||
                 ck_base64url_decode(back, size - 1, text, out.used) == CHALK_ERR_TOO_LARGE);
    }
}
