/* The commands of the program. Each has its own file; main.c lists them. */
#ifndef DEMO_COMMANDS_H
#define DEMO_COMMANDS_H

#include "cli/options.h"

/* argv[0] is the command's name. The result is the exit code. */
int cmd_edge(int argc, char **argv);
int cmd_token(int argc, char **argv);
int cmd_publish(int argc, char **argv);
int cmd_play(int argc, char **argv);
int cmd_devices(int argc, char **argv);
int cmd_room(int argc, char **argv);
int cmd_load(int argc, char **argv);
int cmd_board(int argc, char **argv);
int cmd_demo(int argc, char **argv);

extern const cli_spec cmd_edge_spec;
extern const cli_spec cmd_token_spec;
extern const cli_spec cmd_publish_spec;
extern const cli_spec cmd_play_spec;
extern const cli_spec cmd_devices_spec;
extern const cli_spec cmd_room_spec;
extern const cli_spec cmd_load_spec;
extern const cli_spec cmd_board_spec;
extern const cli_spec cmd_demo_spec;

typedef struct cli_command {
    const cli_spec *spec;
    int (*run)(int argc, char **argv);
} cli_command;

#endif
