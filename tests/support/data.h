/*
 * Test data that is not part of the repository: the folder CHALKRAIL_TEST_DATA, by default
 * ../shared/data beside the source tree. A test that needs it uses a generated stand-in when
 * absent.
 */
#ifndef CK_TESTS_DATA_H
#define CK_TESTS_DATA_H

#include <stddef.h>
#include <stdint.h>

/* A whole file of that folder, the caller's to free(); NULL when it is not there. */
uint8_t *ck_data_load(const char *relative_path, size_t *size);

#endif
