#include "core/room/name.h"

#include "base/text.h"
#include "chalkrail/role.h"

#include <string.h>

static bool is_name_byte(unsigned char c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c >= 0x80;
}

bool ck_name_is_valid(const char *text)
{
    size_t size = strlen(text);
    if (size == 0 || size > CHALK_NAME_MAX || ck_utf8_valid_prefix(text, size) != size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (!is_name_byte((unsigned char)text[i])) {
            return false;
        }
        /* U+0080..U+009F are control characters: a terminal that prints a log would obey them. */
        if ((unsigned char)text[i] == 0xc2 && (unsigned char)text[i + 1] < 0xa0) {
            return false;
        }
    }
    return strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}
