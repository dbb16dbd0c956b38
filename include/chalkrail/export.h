/*
 * chalkrail/export.h - how a function is made visible to programs that embed the library.
 *
 * Nothing here is called; every other public header includes it. A program that links the shared
 * library defines nothing. A build of the library itself defines CHALK_BUILDING.
 *
 *     CHALK_API int chalk_example(void);   // visible in libchalkrail
 *
 * Thread: not applicable. Lifetime: not applicable.
 */
#ifndef CHALKRAIL_EXPORT_H
#define CHALKRAIL_EXPORT_H

#if defined(_WIN32) && !defined(CHALK_STATIC)
#    ifdef CHALK_BUILDING
#        define CHALK_API __declspec(dllexport)
#    else
#        define CHALK_API __declspec(dllimport)
#    endif
#elif defined(__GNUC__)
#    define CHALK_API __attribute__((visibility("default")))
#else
#    define CHALK_API
#endif

#endif
