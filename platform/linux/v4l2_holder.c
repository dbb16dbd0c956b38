#include "platform/linux/v4l2_holder.h"

#include "base/text.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool has_open(uint64_t process, const char *path)
{
    char name[64], target[64];
    snprintf(name, sizeof name, "/proc/%llu/fd", (unsigned long long)process);
    DIR *folder = opendir(name);
    bool found = false;
    if (folder == NULL) {
        return false;
    }
    for (const struct dirent *e = readdir(folder); e != NULL && !found; e = readdir(folder)) {
        ssize_t length = readlinkat(dirfd(folder), e->d_name, target, sizeof target - 1);
        if (length > 0) {
            target[length] = '\0';
            found = strcmp(target, path) == 0;
        }
    }
    closedir(folder);
    return found;
}

static void describe(uint64_t process, char *out, size_t size)
{
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%llu/comm", (unsigned long long)process);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fgets(name, sizeof name, file) == NULL) {
            name[0] = '\0';
        }
        fclose(file);
    }
    name[strcspn(name, "\n")] = '\0';
    ck_text text = ck_text_of(out, size);
    ck_text_add_n(&text, name, ck_utf8_valid_prefix(name, strlen(name)));
    ck_text_add(&text, name[0] != '\0' ? ", process " : "process ");
    ck_text_add_u64(&text, process);
}

bool ck_v4l2_holder(const char *path, char *out, size_t size)
{
    const uint64_t own = (uint64_t)getpid();
    DIR *folder = opendir("/proc");
    bool found = false;
    if (folder == NULL) {
        return false;
    }
    for (const struct dirent *e = readdir(folder); e != NULL && !found; e = readdir(folder)) {
        uint64_t process;
        if (ck_text_u64(e->d_name, UINT32_MAX, &process) && process != own &&
            has_open(process, path)) {
            describe(process, out, size);
            found = true;
        }
    }
    closedir(folder);
    if (!found && has_open(own, path)) {
        found = ck_text_copy(out, size, "this program");
    }
    return found;
}
