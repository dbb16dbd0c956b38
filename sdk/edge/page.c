#include "edge/page.h"

#include "base/text.h"

#include <string.h>

#define JSON_MAX (512 * 6 + 3) /* each byte as \u00XX, quotes and terminator */

void ck_page_put(ck_buf *page, const char *text)
{
    ck_buf_put(page, text, strlen(text));
}

void ck_page_put_u64(ck_buf *page, uint64_t value)
{
    char digits[24];
    ck_text text = ck_text_of(digits, sizeof digits);
    ck_text_add_u64(&text, value);
    ck_buf_put(page, digits, text.used);
}

void ck_page_put_json(ck_buf *page, const char *text)
{
    char quoted[JSON_MAX];
    ck_text out = ck_text_of(quoted, sizeof quoted);
    ck_text_add_json(&out, text);
    ck_buf_put(page, quoted, out.used);
}

void ck_page_put_html(ck_buf *page, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            ck_page_put(page, "&amp;");
            break;
        case '<':
            ck_page_put(page, "&lt;");
            break;
        case '>':
            ck_page_put(page, "&gt;");
            break;
        case '"':
            ck_page_put(page, "&quot;");
            break;
        case '\'':
            ck_page_put(page, "&#39;");
            break;
        default:
            ck_buf_put(page, text, 1);
            break;
        }
    }
}
