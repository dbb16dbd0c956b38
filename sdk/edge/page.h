/*
 * A page being written: text that grows, with the escapes of JSON, HTML and Prometheus. The first
 * failure (no memory, over the limit) is remembered and checked once, when the page is sent.
 */
#ifndef CK_EDGE_PAGE_H
#define CK_EDGE_PAGE_H

#include "base/bytes.h"

#define CK_PAGE_MAX (4u << 20) /* bytes of a page */

void ck_page_put(ck_buf *page, const char *text);
void ck_page_put_u64(ck_buf *page, uint64_t value);
void ck_page_put_json(ck_buf *page, const char *text); /* quoted; at most 512 bytes of text */
void ck_page_put_html(ck_buf *page, const char *text); /* for text and quoted attributes */

#endif
