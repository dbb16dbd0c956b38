/* A board's files on a disk: read, saved, exported. "-" is standard input or output. */
#ifndef DEMO_BOARD_FILES_H
#define DEMO_BOARD_FILES_H

#include "cli/report.h"

#include "chalkrail/board_file.h"
#include "chalkrail/render.h"

#include <stddef.h>

#define BOARD_ENDING ".chalk"

/* The whole of a file; free() it. CHALK_OK, IO (errno says why), TOO_LARGE, NO_MEMORY. */
int board_file_read(const char *path, size_t most, uint8_t **data, size_t *size);
/* Opens a board's bytes as the session's room, with its images. As chalk_board_open. */
int board_file_open(chalk_session *session, const uint8_t *data, size_t size);
/* The file is whole or as before. CHALK_OK, IO, NO_SPACE, or as chalk_board_save. */
int board_file_save(chalk_session *session, const char *path);
/* By the ending of the path where `format` is 0; UNSUPPORTED: it has none of those. `page` 0: page
 * 1, of a PDF all. As chalk_board_export. */
int board_file_export(chalk_session *session, const char *path, uint32_t format, uint32_t page,
                      double scale);
/* Tells what is wrong with a file, by the status of one of the above; returns CLI_FAILED. */
int board_file_fail(cli_report *report, int status, const char *path);

#endif
