#include "runtime/os/error.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <uv.h>

static const struct {
    int uv;
    int chalk;
} error_table[] = {
    {UV_EAGAIN, CHALK_ERR_AGAIN},
    {UV_ECANCELED, CHALK_ERR_CANCELLED},
    {UV_ENOMEM, CHALK_ERR_NO_MEMORY},
    {UV_ENOBUFS, CHALK_ERR_NO_MEMORY},
    {UV_EMFILE, CHALK_ERR_LIMIT},
    {UV_ENFILE, CHALK_ERR_LIMIT},
    {UV_EINVAL, CHALK_ERR_INVALID_ARGUMENT},
    {UV_ENOENT, CHALK_ERR_NOT_FOUND},
    {UV_ENOSPC, CHALK_ERR_NO_SPACE},
    {UV_EACCES, CHALK_ERR_NO_PERMISSION},
    {UV_EPERM, CHALK_ERR_NO_PERMISSION},
    {UV_EROFS, CHALK_ERR_NO_PERMISSION},
    {UV_EADDRINUSE, CHALK_ERR_ADDRESS_IN_USE},
    {UV_ECONNREFUSED, CHALK_ERR_REFUSED},
    {UV_ETIMEDOUT, CHALK_ERR_TIMEOUT},
    {UV_ECONNRESET, CHALK_ERR_DISCONNECTED},
    {UV_ECONNABORTED, CHALK_ERR_DISCONNECTED},
    {UV_EPIPE, CHALK_ERR_DISCONNECTED},
    {UV_ENOTCONN, CHALK_ERR_DISCONNECTED},
    {UV_ESHUTDOWN, CHALK_ERR_DISCONNECTED},
    {UV_ENETDOWN, CHALK_ERR_UNREACHABLE},
    {UV_ENETUNREACH, CHALK_ERR_UNREACHABLE},
    {UV_EHOSTUNREACH, CHALK_ERR_UNREACHABLE},
    {UV_EHOSTDOWN, CHALK_ERR_UNREACHABLE},
    {UV_EADDRNOTAVAIL, CHALK_ERR_UNREACHABLE},
    /* A system without IPv6 that is given an IPv6 address. */
    {UV_EAFNOSUPPORT, CHALK_ERR_UNREACHABLE},
    {UV_EPROTONOSUPPORT, CHALK_ERR_UNREACHABLE},
    {UV_EAI_AGAIN, CHALK_ERR_NAME_UNRESOLVED},
    {UV_EAI_FAIL, CHALK_ERR_NAME_UNRESOLVED},
    {UV_EAI_NODATA, CHALK_ERR_NAME_UNRESOLVED},
    {UV_EAI_NONAME, CHALK_ERR_NAME_UNRESOLVED},
    {UV_EAI_ADDRFAMILY, CHALK_ERR_NAME_UNRESOLVED},
    {UV_EAI_CANCELED, CHALK_ERR_CANCELLED},
    {UV_EAI_MEMORY, CHALK_ERR_NO_MEMORY},
};

int ck_error_of_uv(int uv_status)
{
    if (uv_status >= 0) {
        return CHALK_OK;
    }
    for (size_t i = 0; i < CK_COUNT_OF(error_table); i++) {
        if (error_table[i].uv == uv_status) {
            return error_table[i].chalk;
        }
    }
    return CHALK_ERR_IO;
}

int ck_error_of_errno(int number)
{
    return number == 0 ? CHALK_OK : ck_error_of_uv(uv_translate_sys_error(number));
}
