#include "runtime/pack/zlib_heap.h"

static voidpf take(voidpf opaque, uInt items, uInt size)
{
    return ck_new_array(opaque, items, size);
}

static void give_back(voidpf opaque, voidpf address)
{
    ck_free(opaque, address);
}

z_stream ck_zlib_stream(const ck_alloc *alloc)
{
    return (z_stream){.zalloc = take, .zfree = give_back, .opaque = (voidpf)(uintptr_t)alloc};
}
