#include "chalkrail/errors.h"

#include <stddef.h>

typedef struct error_row {
    int value;
    const char *name;
    const char *text;
    const char *advice;
} error_row;

#define ERROR_ROW(name, value, family, text, advice) {value, #name, text, advice},
static const error_row rows[] = {CHALK_ERROR_LIST(ERROR_ROW)};
#undef ERROR_ROW

static const error_row no_error = {CHALK_OK, "OK", "no error", ""};
static const error_row unknown = {CHALK_OK, "UNKNOWN", "unknown error", ""};

static const error_row *find(int error)
{
    if (error >= 0) {
        return &no_error;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].value == error) {
            return &rows[i];
        }
    }
    return &unknown;
}

const char *chalk_error_name(int error)
{
    return find(error)->name;
}

const char *chalk_error_text(int error)
{
    return find(error)->text;
}

const char *chalk_error_advice(int error)
{
    return find(error)->advice;
}
