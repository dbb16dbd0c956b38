#include "edge/token.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"
#include "edge/base64url.h"
#include "edge/name.h"
#include "runtime/os/os.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define SIGNATURE_SIZE 32 /* SHA-256 */
/* cJSON keeps numbers as doubles: above 2^53 a second is no longer a second. */
#define SECONDS_MAX 9007199254740992.0

static const char *const role_names[] = {"",          "owner",   "teacher",
                                         "assistant", "student", "observer"};

const char *ck_token_fault_text(enum ck_token_fault fault)
{
    static const char *const texts[] = {"",
#define CK_TOKEN_FAULT_TEXT(name, text) text,
                                        CK_TOKEN_FAULT_LIST(CK_TOKEN_FAULT_TEXT)
#undef CK_TOKEN_FAULT_TEXT
    };
    return (size_t)fault < CK_COUNT_OF(texts) ? texts[fault] : "";
}

const char *ck_role_name(uint32_t role)
{
    return role < CK_COUNT_OF(role_names) ? role_names[role] : "";
}

uint32_t ck_role_of_name(const char *name)
{
    for (uint32_t role = 1; role < CK_COUNT_OF(role_names); role++) {
        if (strcmp(name, role_names[role]) == 0) {
            return role;
        }
    }
    return 0;
}

static bool sign(const void *secret, size_t secret_size, const char *text, size_t size,
                 uint8_t out[SIGNATURE_SIZE])
{
    unsigned int out_size = 0;
    return HMAC(EVP_sha256(), secret, (int)secret_size, (const unsigned char *)text, size, out,
                &out_size) != NULL &&
           out_size == SIGNATURE_SIZE;
}

/* Decodes one part and parses it as one JSON object; NULL when it is none. */
static cJSON *parse_part(const char *text, size_t size)
{
    char json[CHALK_TOKEN_MAX];
    int used = ck_base64url_decode((uint8_t *)json, sizeof json - 1, text, size);
    if (used < 0) {
        return NULL;
    }
    json[used] = '\0';
    /* A zero byte would hide what follows it from every reader but this one. */
    if (strlen(json) != (size_t)used) {
        return NULL;
    }
    cJSON *object = cJSON_ParseWithOpts(json, NULL, 1);
    if (object != NULL && !cJSON_IsObject(object)) {
        cJSON_Delete(object);
        object = NULL;
    }
    return object;
}

static enum ck_token_fault check_header(const char *text, size_t size)
{
    cJSON *header = parse_part(text, size);
    if (header == NULL) {
        return CK_TOKEN_JSON;
    }
    enum ck_token_fault fault = CK_TOKEN_FINE;
    const char *alg = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(header, "alg"));
    if (alg == NULL || strcmp(alg, "HS256") != 0) {
        fault = CK_TOKEN_ALGORITHM;
    } else if (cJSON_GetObjectItemCaseSensitive(header, "crit") != NULL) {
        fault = CK_TOKEN_CRITICAL;
    }
    cJSON_Delete(header);
    return fault;
}

static bool read_name(const cJSON *claims, const char *key, char out[CHALK_NAME_MAX + 1])
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(claims, key));
    return text != NULL && ck_name_is_valid(text) && ck_text_copy(out, CHALK_NAME_MAX + 1, text);
}

static bool read_seconds(const cJSON *claims, const char *key, uint64_t *out)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(claims, key);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= SECONDS_MAX)) {
        return false;
    }
    *out = (uint64_t)item->valuedouble;
    return true;
}

static enum ck_token_fault read_claims(const char *text, size_t size, uint64_t now_s,
                                       ck_token_claims *out)
{
    cJSON *claims = parse_part(text, size);
    if (claims == NULL) {
        return CK_TOKEN_JSON;
    }
    enum ck_token_fault fault = CK_TOKEN_FINE;
    uint64_t not_before_s = 0;
    const char *role = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(claims, "role"));
    out->role = role != NULL ? ck_role_of_name(role) : 0;
    if (out->role == 0 || !read_name(claims, "room", out->room) ||
        !read_name(claims, "name", out->name) || !read_seconds(claims, "exp", &out->expires_s)) {
        fault = CK_TOKEN_CLAIMS;
    } else if (cJSON_GetObjectItemCaseSensitive(claims, "nbf") != NULL &&
               !read_seconds(claims, "nbf", &not_before_s)) {
        fault = CK_TOKEN_CLAIMS;
    } else if (now_s >= out->expires_s) {
        fault = CK_TOKEN_EXPIRED;
    } else if (now_s < not_before_s) {
        fault = CK_TOKEN_NOT_YET;
    }
    cJSON_Delete(claims);
    return fault;
}

static enum ck_token_fault check_signature(const void *secret, size_t secret_size,
                                           const char *token, const char *signature)
{
    uint8_t given[SIGNATURE_SIZE];
    uint8_t right[SIGNATURE_SIZE];
    size_t signed_size = (size_t)(signature - 1 - token);
    int given_size = ck_base64url_decode(given, sizeof given, signature, strlen(signature));
    if (given_size == CHALK_ERR_BAD_DATA) {
        return CK_TOKEN_FORM;
    }
    if (!sign(secret, secret_size, token, signed_size, right) || given_size != SIGNATURE_SIZE ||
        CRYPTO_memcmp(given, right, SIGNATURE_SIZE) != 0) {
        return CK_TOKEN_SIGNATURE;
    }
    return CK_TOKEN_FINE;
}

enum ck_token_fault ck_token_verify(const void *secret, size_t secret_size, const char *token,
                                    uint64_t now_s, ck_token_claims *out)
{
    ck_token_claims claims = {0};
    if (token[0] == '\0') {
        return CK_TOKEN_MISSING;
    }
    if (strlen(token) >= CHALK_TOKEN_MAX) {
        return CK_TOKEN_SIZE;
    }
    const char *payload = strchr(token, '.');
    const char *signature = payload != NULL ? strchr(++payload, '.') : NULL;
    if (signature == NULL || strchr(++signature, '.') != NULL) {
        return CK_TOKEN_FORM;
    }
    enum ck_token_fault fault = check_signature(secret, secret_size, token, signature);
    if (fault == CK_TOKEN_FINE) {
        fault = check_header(token, (size_t)(payload - 1 - token));
    }
    if (fault == CK_TOKEN_FINE) {
        fault = read_claims(payload, (size_t)(signature - 1 - payload), now_s, &claims);
    }
    if (fault == CK_TOKEN_FINE) {
        *out = claims;
    }
    return fault;
}

static bool is_signable(const void *secret, size_t secret_size, const ck_token_claims *claims,
                        uint64_t now_s)
{
    return secret != NULL && secret_size >= CHALK_SECRET_MIN && secret_size <= CHALK_SECRET_MAX &&
           ck_name_is_valid(claims->room) && ck_name_is_valid(claims->name) &&
           ck_role_name(claims->role)[0] != '\0' && claims->expires_s > now_s &&
           (double)claims->expires_s <= SECONDS_MAX;
}

int ck_token_make(const void *secret, size_t secret_size, const ck_token_claims *claims,
                  uint64_t now_s, char *out, size_t out_size)
{
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    char buffer[CHALK_TOKEN_MAX];
    uint8_t signature[SIGNATURE_SIZE];
    if (out == NULL || out_size == 0 || !is_signable(secret, secret_size, claims, now_s)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_text json = ck_text_of(buffer, sizeof buffer);
    ck_text_add(&json, "{\"room\":");
    ck_text_add_json(&json, claims->room);
    ck_text_add(&json, ",\"name\":");
    ck_text_add_json(&json, claims->name);
    ck_text_add(&json, ",\"role\":");
    ck_text_add_json(&json, ck_role_name(claims->role));
    ck_text_add(&json, ",\"exp\":");
    ck_text_add_u64(&json, claims->expires_s);
    ck_text_add(&json, "}");

    ck_text token = ck_text_of(out, out_size);
    ck_base64url_add(&token, header, sizeof header - 1);
    ck_text_add(&token, ".");
    ck_base64url_add(&token, buffer, json.used);
    if (!token.cut && !sign(secret, secret_size, out, token.used, signature)) {
        out[0] = '\0';
        return CHALK_ERR_NO_MEMORY;
    }
    ck_text_add(&token, ".");
    ck_base64url_add(&token, signature, sizeof signature);
    if (json.cut || token.cut) {
        out[0] = '\0';
        return CHALK_ERR_LIMIT;
    }
    return CHALK_OK;
}

int chalk_token_create(const void *secret, size_t secret_size, const char *room, const char *name,
                       uint32_t role, uint64_t expires_s, char *out, size_t out_size)
{
    ck_token_claims claims = {.role = (enum chalk_role)role, .expires_s = expires_s};
    if (room == NULL || !ck_text_copy(claims.room, sizeof claims.room, room) || name == NULL ||
        !ck_text_copy(claims.name, sizeof claims.name, name)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    uint64_t now_s = ck_wall_us() / CK_US_PER_S;
    return ck_token_make(secret, secret_size, &claims, now_s, out, out_size);
}
