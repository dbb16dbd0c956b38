#include "net_certs.h"

#include "support/check.h"
#include "support/folder.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_S (24L * 3600L)

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    CK_CHECK(extension != NULL);
    CK_CHECK_EQ(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *make(EVP_PKEY *key, const char *name, long last_day, const char *names, long serial)
{
    X509 *cert = X509_new();
    CK_CHECK_EQ(X509_set_version(cert, 2), 1);
    CK_CHECK_EQ(ASN1_INTEGER_set(X509_get_serialNumber(cert), serial), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -10 * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(cert), last_day * DAY_S);
    CK_CHECK_EQ(X509_set_pubkey(cert, key), 1);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    add_extension(cert, NID_basic_constraints, names == NULL ? "critical,CA:TRUE" : "CA:FALSE");
    if (names != NULL) {
        add_extension(cert, NID_subject_alt_name, names);
    }
    return cert;
}

static void sign_and_save(X509 *cert, X509 *issuer, EVP_PKEY *key, const char *path)
{
    CK_CHECK_EQ(X509_set_issuer_name(cert, X509_get_subject_name(issuer)), 1);
    CK_CHECK(X509_sign(cert, key, EVP_sha256()) > 0);
    FILE *file = fopen(path, "w");
    CK_CHECK(file != NULL && PEM_write_X509(file, cert) == 1);
    fclose(file);
}

static void save_key(EVP_PKEY *key, const char *path)
{
    FILE *file = fopen(path, "w");
    CK_CHECK(file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
    fclose(file);
}

static void set_paths(net_certs *c)
{
    ck_test_folder(c->folder);
    char *const paths[] = {c->ca, c->key, c->good, c->other, c->expired, c->own};
    static const char *const names[] = {"ca", "key", "good", "other", "expired", "own"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        snprintf(paths[i], NET_PATH_MAX, "%.100s/%s.pem", c->folder, names[i]);
    }
}

void net_certs_make(net_certs *c)
{
    static const char here[] = "DNS:localhost,IP:127.0.0.1";
    set_paths(c);
    EVP_PKEY *ca_key = EVP_EC_gen("P-256");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    CK_CHECK(ca_key != NULL && key != NULL);
    X509 *ca = make(ca_key, "test authority", 10, NULL, 1);
    X509 *good = make(key, "localhost", 10, here, 2);
    X509 *other = make(key, "other.example", 10, "DNS:other.example", 3);
    X509 *expired = make(key, "localhost", -1, here, 4);
    X509 *own = make(key, "localhost", 10, here, 5);
    sign_and_save(ca, ca, ca_key, c->ca);
    sign_and_save(good, ca, ca_key, c->good);
    sign_and_save(other, ca, ca_key, c->other);
    sign_and_save(expired, ca, ca_key, c->expired);
    sign_and_save(own, own, key, c->own);
    save_key(key, c->key);
    X509 *const all[] = {ca, good, other, expired, own};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        X509_free(all[i]);
    }
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
}

void net_certs_remove(net_certs *c)
{
    char *const paths[] = {c->ca, c->key, c->good, c->other, c->expired, c->own};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CK_CHECK_EQ(unlink(paths[i]), 0);
    }
    CK_CHECK_EQ(rmdir(c->folder), 0);
}
