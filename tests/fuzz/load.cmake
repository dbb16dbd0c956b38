# What `chalkrail load` reads from files. A build for fuzzing has no program, so there the readers come with the target.
if(TARGET ck_runtime)
  ck_fuzz(fuzz_prepared SOURCES fuzz/fuzz_prepared.c LINKS ck_runtime)
endif()
if(TARGET chalkrail_commands)
  ck_fuzz(fuzz_load_plan SOURCES fuzz/fuzz_load_plan.c LINKS chalkrail_commands)
elseif(CHALKRAIL_FUZZ)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(FUZZ_CJSON REQUIRED IMPORTED_TARGET libcjson)
  set(demo ${PROJECT_SOURCE_DIR}/demo)
  ck_fuzz(fuzz_load_plan
    SOURCES fuzz/fuzz_load_plan.c ${demo}/load/plan.c ${demo}/cli/value.c ${demo}/cli/nearest.c
    LINKS PkgConfig::FUZZ_CJSON)
  target_include_directories(fuzz_load_plan PRIVATE ${demo})
endif()
