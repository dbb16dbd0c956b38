/* Descriptors: a connection each. */
#ifndef DEMO_CLI_FILES_H
#define DEMO_CLI_FILES_H

#include <stdint.h>

/* Lets this process have as many descriptors as the system allows it; how many that are. */
uint64_t cli_raise_files(void);

#endif
