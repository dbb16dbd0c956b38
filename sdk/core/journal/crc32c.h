/* CRC-32C (Castagnoli), as in RFC 3720, appendix B.4: reflected, polynomial 0x1edc6f41. */
#ifndef CK_CORE_JOURNAL_CRC32C_H
#define CK_CORE_JOURNAL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of what `crc` is of (nothing: 0) and the bytes behind it. */
uint32_t ck_crc32c(uint32_t crc, const void *data, size_t size);

#endif
