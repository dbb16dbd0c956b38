#include "class/screen.h"

#include "class/text.h"

#include <SDL.h>
#include <stdlib.h>

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

bool screen_open(bool x11, char *why, size_t why_size)
{
    bool has_x11 = is_set("DISPLAY"), has_wayland = is_set("WAYLAND_DISPLAY") && !x11;
    if (!has_x11 && !has_wayland) {
        SDL_snprintf(why, why_size, "DISPLAY is not set");
        return false;
    }
    /* Of the drivers those that show something to somebody, unless $SDL_VIDEODRIVER says otherwise.
     */
    SDL_SetHintWithPriority(SDL_HINT_VIDEODRIVER,
                            !has_wayland ? "x11"
                            : has_x11    ? "x11,wayland"
                                         : "wayland",
                            x11 ? SDL_HINT_OVERRIDE : SDL_HINT_DEFAULT);
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_APP_NAME, "Chalkrail");
    /* A playing window is no reason to keep the screen awake against its user's settings. */
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    /* A window that is drawn by pixels goes to the display as it is, not through a 3D library. */
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) == 0) {
        return true;
    }
    SDL_snprintf(why, why_size, "%s", SDL_GetError());
    return false;
}

void screen_close(void)
{
    if (SDL_WasInit(SDL_INIT_VIDEO) != 0) {
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
        text_forget(); /* drawn in windows alone */
    }
}
