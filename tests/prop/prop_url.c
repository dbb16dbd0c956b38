/* URLs: what is encoded is decoded, and a URL put together from its parts is taken apart again. */
#include "base/check.h"
#include "base/rng.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/url/url.h"
#include "support/check.h"

CK_TEST(prop_url, any_text_survives_encoding_and_a_query)
{
    ck_rng rng;
    ck_rng_seed(&rng, 1);
    for (size_t i = 0; i < 3000; i++) {
        char plain[40] = "";
        char encoded[120];
        char decoded[40];
        char query[200];
        for (size_t k = 0, n = ck_rng_below(&rng, 39); k < n; k++) {
            plain[k] = (char)(1 + ck_rng_below(&rng, 255));
        }
        CK_CHECK_ROW(i, ck_url_encode(encoded, sizeof encoded, plain) == CHALK_OK);
        CK_CHECK_ROW(i,
                     ck_url_decode(decoded, sizeof decoded, encoded, strlen(encoded)) == CHALK_OK);
        CK_CHECK_ROW(i, strcmp(plain, decoded) == 0);
        ck_text t = ck_text_of(query, sizeof query);
        ck_text_add(&t, "x=1&token=");
        ck_text_add(&t, encoded);
        ck_text_add(&t, "&y");
        CK_CHECK_ROW(i, ck_url_query(query, "token", decoded, sizeof decoded) == CHALK_OK);
        CK_CHECK_ROW(i, strcmp(plain, decoded) == 0);
    }
}

static void add_word(ck_text *t, ck_rng *rng)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t n = 1 + ck_rng_below(rng, 12); n > 0; n--) {
        ck_text_add_n(t, &letters[ck_rng_below(rng, sizeof letters - 1)], 1);
    }
}

static void write_url(ck_text *t, ck_rng *rng)
{
    ck_text_add(t, ck_url_scheme_name((uint8_t)(1 + ck_rng_below(rng, 6))));
    ck_text_add(t, "://");
    add_word(t, rng);
    ck_text_add(t, ".");
    add_word(t, rng);
    /* Never a default port, which the authority leaves out. */
    ck_text_add(t, ":");
    ck_text_add_u64(t, 2000 + ck_rng_below(rng, 60000));
    for (size_t n = 1 + ck_rng_below(rng, 4); n > 0; n--) {
        ck_text_add(t, "/");
        add_word(t, rng);
    }
    if (ck_rng_below(rng, 2) != 0) {
        ck_text_add(t, "?");
        add_word(t, rng);
        ck_text_add(t, "=");
        add_word(t, rng);
    }
}

CK_TEST(prop_url, the_parts_make_the_whole)
{
    ck_rng rng;
    ck_rng_seed(&rng, 2);
    for (size_t i = 0; i < 2000; i++) {
        static ck_url url;
        char text[200];
        char again[200];
        char authority[64];
        ck_text t = ck_text_of(text, sizeof text);
        write_url(&t, &rng);
        CK_CHECK_ROW(i, ck_url_parse(&url, text) == CHALK_OK);
        CK_CHECK_ROW(i, ck_url_authority(&url, authority, sizeof authority) == CHALK_OK);
        t = ck_text_of(again, sizeof again);
        ck_text_add(&t, ck_url_scheme_name(url.scheme));
        ck_text_add(&t, "://");
        ck_text_add(&t, authority);
        ck_text_add(&t, url.path);
        ck_text_add(&t, url.has_query ? "?" : "");
        ck_text_add(&t, url.query);
        CK_CHECK_ROW(i, strcmp(text, again) == 0);
    }
}
