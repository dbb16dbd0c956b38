/* A board in words: every page and every object on it, for screen readers and programs. */
#ifndef DEMO_BOARD_TEXT_FORM_H
#define DEMO_BOARD_TEXT_FORM_H

#include "chalkrail/board_view.h"
#include "cli/report.h"

/* `page`: the first is 1; 0: all. With --json an object a line, else sentences. A status;
 * NOT_FOUND: there is no such page. */
int text_form_tell(chalk_session *session, cli_report *report, uint32_t page);

#endif
