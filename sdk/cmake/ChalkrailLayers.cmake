# How a layer, a test and a fuzz target are declared, so that every one gets the same flags.

add_library(ck_flags INTERFACE)
target_compile_options(ck_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wno-missing-field-initializers)
target_compile_definitions(ck_flags INTERFACE CHALK_BUILDING _POSIX_C_SOURCE=200809L
  $<$<CONFIG:Debug>:CK_TRAP_ON_BROKEN_INVARIANT>)
if(CHALKRAIL_SANITIZE)
  target_compile_options(ck_flags INTERFACE
    -fsanitize=${CHALKRAIL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ck_flags INTERFACE -fsanitize=${CHALKRAIL_SANITIZE})
endif()
if(CHALKRAIL_FUZZ)
  # Edge counters in the library too, or the fuzzer sees nothing of it.
  target_compile_options(ck_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# ck_layer(NAME SOURCES a.c b.c ... LINKS other_layer ...): one static library of the house. Headers are
# included from sdk/ ("base/bytes.h", "core/flv/flv.h", "runtime/net/stream.h").
function(ck_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/sdk)
  target_link_libraries(${name} PRIVATE ck_flags PUBLIC ${ARG_LINKS})
endfunction()

# ck_test(NAME SOURCES ... LINKS ... [LABELS ...] [TIMEOUT s]): a Criterion program and its ctest entry, and,
# when the sources need no Criterion of their own, the same bodies as NAME_plain (built on demand).
function(ck_test name)
  if(NOT CHALKRAIL_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(CHALKRAIL_SANITIZE)
    # A shared library keeps its heap to itself; its layers take the one of the test.
    list(TRANSFORM ARG_LINKS REPLACE "^chalkrail_shared$" ck_client)
    list(TRANSFORM ARG_LINKS REPLACE "^chalkrail_edge_shared$" ck_edge)
  endif()
  add_executable(${name} ${ARG_SOURCES} $<TARGET_OBJECTS:ck_test_main>)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ck_flags ck_test_support ${ARG_LINKS} PkgConfig::CRITERION)
  target_compile_options(${name} PRIVATE -Wno-conversion -Wno-missing-prototypes)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  if(CHALKRAIL_SANITIZE MATCHES address AND unit IN_LIST ARG_LABELS)
    add_test(NAME ${name}_oom COMMAND ${name} --oom)
    set_tests_properties(${name}_oom PROPERTIES TIMEOUT 7200 LABELS oom)
  endif()

  add_executable(${name}_plain EXCLUDE_FROM_ALL ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/plain_main.c)
  target_include_directories(${name}_plain PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name}_plain PRIVATE CK_TEST_PLAIN)
  target_compile_options(${name}_plain PRIVATE -Wno-conversion -Wno-missing-prototypes)
  target_link_libraries(${name}_plain PRIVATE ck_flags ck_test_support ${ARG_LINKS})
endfunction()

# ck_fuzz(NAME SOURCES ... LINKS ...): with CHALKRAIL_FUZZ a libFuzzer program NAME, which the target
# ck_fuzzers builds with the others and nothing else. Otherwise a replay of the
# committed corpus tests/fuzz/corpus/NAME/ as a ctest entry through tests/support/replay_main.c, and of the
# folders of the test data that DATA names, when they are there.
function(ck_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;DATA" ${ARGN})
  if(CHALKRAIL_FUZZ)
    add_executable(${name} ${ARG_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    if(NOT TARGET ck_fuzzers)
      add_custom_target(ck_fuzzers)
    endif()
    add_dependencies(ck_fuzzers ${name})
  else()
    add_executable(${name} ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/replay_main.c)
    target_compile_definitions(${name} PRIVATE CK_SOURCE_ROOT="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name}_replay COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}
      --data ${ARG_DATA})
    set_tests_properties(${name}_replay PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_options(${name} PRIVATE -Wno-missing-prototypes)
  target_link_libraries(${name} PRIVATE ck_flags ck_test_support ${ARG_LINKS})
endfunction()
