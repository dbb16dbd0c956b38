# One file per operating system, chosen here. A system without a set of its own cannot be built.
set(CK_UNIT_SOURCES heap.c entropy.c log.c error.c thread_spare.c)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  list(APPEND CK_UNIT_SOURCES clock_posix.c file_posix.c file_linux.c thread_linux.c socket_posix.c
    socket_linux.c)
else()
  message(FATAL_ERROR "sdk/runtime/os has no files for ${CMAKE_SYSTEM_NAME} yet")
endif()
