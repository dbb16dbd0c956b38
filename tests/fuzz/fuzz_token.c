/*
 * Tokens and stream names from strangers. The first byte chooses the way in:
 *   0: a token as it stands: nothing that a fuzzer can find is rightly signed
 *   1: header and claims, signed here, so that the JSON behind the signature is reached
 *   2: RTMP's application and stream name, and the token in their queries
 */
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/base64url.h"
#include "edge/name.h"
#include "edge/token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 4096

static const char secret[] = "a secret of thirty-two bytes, ok";

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static enum ck_token_fault verify(const char *token)
{
    ck_token_claims claims;
    enum ck_token_fault fault =
        ck_token_verify(secret, sizeof secret - 1, token, 1800000000, &claims);
    if (fault == CK_TOKEN_FINE) {
        must(ck_name_is_valid(claims.room) && ck_name_is_valid(claims.name));
        must(ck_role_name(claims.role)[0] != '\0' && claims.expires_s > 1800000000);
    } else {
        must(ck_token_fault_text(fault)[0] != '\0');
    }
    return fault;
}

static void try_signed(const char *header, const char *claims)
{
    static char token[4 * INPUT_MAX];
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned int mac_size = 0;
    ck_text text = ck_text_of(token, sizeof token);
    ck_base64url_add(&text, header, strlen(header));
    ck_text_add(&text, ".");
    ck_base64url_add(&text, claims, strlen(claims));
    HMAC(EVP_sha256(), secret, (int)sizeof secret - 1, (const uint8_t *)token, text.used, mac,
         &mac_size);
    ck_text_add(&text, ".");
    ck_base64url_add(&text, mac, mac_size);
    enum ck_token_fault fault = verify(token);
    must(fault != CK_TOKEN_SIGNATURE && fault != CK_TOKEN_FORM);
}

static void try_names(const char *app, const char *stream)
{
    char token[CHALK_TOKEN_MAX];
    const char *const texts[] = {stream, app};
    ck_stream_name name;
    ck_stream_name again;
    const char *why = NULL;
    (void)ck_token_find(token, texts, 2);
    must(strlen(token) < sizeof token);
    if (ck_stream_name_of_rtmp(&name, app, stream, &why) == CHALK_OK) {
        must(ck_name_is_valid(name.room) && ck_name_is_valid(name.name));
        must(ck_stream_name_parse(&again, name.path, &why) == CHALK_OK);
        must(strcmp(again.path, name.path) == 0);
    } else {
        must(why != NULL);
    }
    (void)ck_stream_name_of_http(&name, stream, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[INPUT_MAX + 1];
    if (size < 1 || size > INPUT_MAX) {
        return 0;
    }
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    /* A line break parts the two halves where there are two. */
    char *second = strchr(text, '\n');
    if (second != NULL) {
        *second++ = '\0';
    } else {
        second = text + size - 1;
    }
    switch (data[0] % 3) {
    case 0:
        must(verify(text) != CK_TOKEN_FINE || size > 100);
        break;
    case 1:
        try_signed(text, second);
        break;
    default:
        try_names(text, second);
        break;
    }
    return 0;
}
