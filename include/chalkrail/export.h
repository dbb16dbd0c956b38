/*
 * chalkrail/export.h - the version, and how a function is made visible to programs that embed the
 * library.
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

/* The version of these headers; chalk_version() in chalkrail/runtime.h tells the library's. Before
 * 1.0 another minor version may be incompatible. */
#define CHALK_VERSION_MAJOR 0
#define CHALK_VERSION_MINOR 1
#define CHALK_VERSION_PATCH 0

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
