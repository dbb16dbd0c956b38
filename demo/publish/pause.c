#include "cli/lines.h"
#include "cli/stop.h"
#include "publish/publish.h"

#include <string.h>
#include <unistd.h>

void publish_begin_pausing(publish_run *run)
{
    bool asks = cli_taps_install();
    /* A program in the background that reads from its terminal is stopped. */
    bool terminal = isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
    if (terminal && lines_start()) {
        cli_say(run->report, "p and Enter pauses what is shown, and lets it go on");
    } else if (!asks) {
        cli_warn(run->report, "it cannot be paused");
    }
}

static bool typed(void)
{
    char line[LINE_MAX_BYTES];
    bool whole;
    return lines_take(line, &whole) == LINE_READY && strcmp(line, "p") == 0;
}

void publish_heed_pause(publish_run *run)
{
    bool asked = cli_tapped();
    asked = typed() != asked; /* both at once: as it was */
    if (!asked) {
        return;
    }
    int status = chalk_source_pause(run->s.session, run->material, !run->paused);
    if (status == CHALK_OK) {
        run->paused = !run->paused;
    } else {
        cli_warn(run->report, "it cannot be paused: %s", chalk_error_text(status));
    }
}
