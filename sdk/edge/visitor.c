#include "edge/visitor.h"

#include "base/text.h"
#include "edge/address.h"

#include <string.h>

bool ck_visitor_asks_this_machine(const char *host)
{
    char text[CK_ORIGIN_MAX];
    ck_address address;
    if (host == NULL) {
        return true;
    }
    ck_text with_port = ck_text_of(text, sizeof text);
    ck_text_add(&with_port, host);
    size_t size = strlen(host);
    const char *colon = strrchr(host, ':');
    bool has_port = colon != NULL && host[size - 1] != ']';
    ck_text_add(&with_port, has_port ? "" : ":80");
    return !with_port.cut && ck_address_parse(&address, text) == 0 && address.loopback;
}

const char *ck_visitor_allowed_origin(bool open, const char *origin)
{
    if (!open) {
        return "*";
    }
    const char *authority = origin != NULL ? strstr(origin, "://") : NULL;
    bool ours = authority != NULL && authority[3] != '\0' &&
                ck_visitor_asks_this_machine(authority + 3) && strlen(origin) < CK_ORIGIN_MAX;
    return ours ? origin : NULL;
}
