/*
 * The one table from errors of the operating system to ours. libuv gives every system's errors the
 * same names (UV_E...), so the table exists once for all of them.
 */
#ifndef CK_RUNTIME_OS_ERROR_H
#define CK_RUNTIME_OS_ERROR_H

int ck_error_of_uv(int uv_status); /* 0 and above give CHALK_OK; unknown ones CHALK_ERR_IO */
int ck_error_of_errno(int number); /* 0 gives CHALK_OK */

#endif
