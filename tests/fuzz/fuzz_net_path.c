/* The path of a request: decoded, without dot segments, always inside the root. */
#include "runtime/net/httpd_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[CK_HTTPD_PATH_MAX + 1];
    char again[CK_HTTPD_PATH_MAX + 1];
    char *target = malloc(size + 2);
    if (target == NULL) {
        return 0;
    }
    target[0] = '/'; /* as every target that gets this far begins */
    memcpy(target + 1, data, size);
    target[size + 1] = '\0';
    if (ck_httpd_read_path(target, strlen(target), path, sizeof path) == CHALK_OK) {
        bool has_dots = strstr(path, "/../") != NULL || strstr(path, "/./") != NULL;
        if (path[0] != '/' || strlen(path) > strlen(target) || has_dots) {
            abort();
        }
        /* What came out has nothing left to remove. */
        if (strchr(path, '%') == NULL &&
            (ck_httpd_read_path(path, strlen(path), again, sizeof again) != CHALK_OK ||
             strcmp(path, again) != 0)) {
            abort();
        }
    }
    free(target);
    return 0;
}
