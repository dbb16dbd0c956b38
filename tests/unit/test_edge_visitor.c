/* Which browsers may use an open edge. */
#include "base/check.h"
#include "edge/visitor.h"
#include "support/check.h"

CK_TEST(edge_visitor, hosts_of_this_machine)
{
    static const struct {
        const char *host;
        bool ours;
    } rows[] = {
        {NULL, true},
        {"localhost", true},
        {"localhost:8080", true},
        {"127.0.0.1", true},
        {"127.9.9.9:1", true},
        {"[::1]", true},
        {"[::1]:8080", true},
        {"[::ffff:127.0.0.1]:80", true},
        {"", false},
        {":80", false},
        {"x", false},
        {"localhost.evil.example", false},
        {"127.0.0.1.evil.example:8080", false},
        {"evil.example:8080", false},
        {"10.0.0.1", false},
        {"[::2]:80", false},
        {"localhost:80:80", false},
        {"localhost:99999", false},
        {"localhost@evil.example", false},
        {"127.0.0.1 ", false},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, ck_visitor_asks_this_machine(rows[i].host) == rows[i].ours);
    }
}

CK_TEST(edge_visitor, origins_that_may_read)
{
    static const struct {
        bool open;
        const char *origin;
        const char *allowed;
    } rows[] = {
        {false, NULL, "*"},
        {false, "https://school.example", "*"},
        {true, NULL, NULL},
        {true, "null", NULL},
        {true, "https://evil.example", NULL},
        {true, "http://localhost.evil.example", NULL},
        {true, "http://", NULL},
        {true, "http://localhost:3000", "http://localhost:3000"},
        {true, "http://127.0.0.1", "http://127.0.0.1"},
        {true, "https://[::1]:8443", "https://[::1]:8443"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const char *allowed = ck_visitor_allowed_origin(rows[i].open, rows[i].origin);
        CK_CHECK_ROW(i, (allowed == NULL) == (rows[i].allowed == NULL));
        CK_CHECK_ROW(i, allowed == NULL || strcmp(allowed, rows[i].allowed) == 0);
    }
}
