/*
 * Replays a fuzz target's committed corpus without a fuzzer: every file of the folders named on the
 * command line goes through LLVMFuzzerTestOneInput once. A folder that is missing or empty fails,
 * but for those behind --data, which are of the test data (data.h) and may be absent.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        return -1;
    }
    long size = ftell(file);
    rewind(file);
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    int status = -1;
    if (data != NULL && size >= 0 && fread(data, 1, (size_t)size, file) == (size_t)size) {
        status = LLVMFuzzerTestOneInput(data, (size_t)size);
    }
    free(data);
    fclose(file);
    return status;
}

static int replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    int count = 0;
    for (struct dirent *entry = NULL; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char path[4096];
        int used = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || used < 0 || (size_t)used >= sizeof path) {
            continue;
        }
        if (replay_file(path) < 0) {
            fprintf(stderr, "cannot replay %s\n", path);
            closedir(dir);
            return -1;
        }
        count++;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return count;
}

static int replay_data(const char *relative)
{
    char path[4096];
    const char *folder = getenv("CHALKRAIL_TEST_DATA");
    int used = folder != NULL
                   ? snprintf(path, sizeof path, "%s/%s", folder, relative)
                   : snprintf(path, sizeof path, "%s/../shared/data/%s", CK_SOURCE_ROOT, relative);
    return used > 0 && (size_t)used < sizeof path ? replay_folder(path) : -1;
}

int main(int argc, char **argv)
{
    int total = 0;
    bool data = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--data") == 0) {
            data = true;
            continue;
        }
        int count = data ? replay_data(argv[i]) : replay_folder(argv[i]);
        if (count < 0 || (count == 0 && !data)) {
            fprintf(stderr, "no corpus in %s\n", argv[i]);
            return 1;
        }
        total += count;
    }
    printf("%d inputs replayed\n", total);
    return total > 0 ? 0 : 1;
}
