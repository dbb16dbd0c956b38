#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>

uint8_t *ck_data_load(const char *relative_path, size_t *size)
{
    char path[4096];
    const char *folder = getenv("CHALKRAIL_TEST_DATA");
    int used = folder != NULL ? snprintf(path, sizeof path, "%s/%s", folder, relative_path)
                              : snprintf(path, sizeof path, "%s/../shared/data/%s", CK_SOURCE_ROOT,
                                         relative_path);
    FILE *file = used > 0 && (size_t)used < sizeof path ? fopen(path, "rb") : NULL;
    uint8_t *data = NULL;
    if (file == NULL) {
        return NULL;
    }
    if (fseek(file, 0, SEEK_END) == 0) {
        long length = ftell(file);
        rewind(file);
        *size = length > 0 ? (size_t)length : 0;
        data = malloc(*size + 1);
    }
    if (data != NULL && fread(data, 1, *size, file) != *size) {
        free(data);
        data = NULL;
    }
    fclose(file);
    return data;
}
