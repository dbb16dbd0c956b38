# The two shared libraries, and what an installation holds: headers, libraries, the program, and the
# package files by which CMake and pkg-config find them.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# The static layers that `name` stands on, itself included. CMake calls a target's private static
# dependencies $<LINK_ONLY:...>; other generator expressions name no layer.
function(ck_layers_below name result)
  set(found ${${result}})
  list(APPEND found ${name})
  get_target_property(links ${name} INTERFACE_LINK_LIBRARIES)
  foreach(link ${links})
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" link "${link}")
    if(link MATCHES "^ck_" AND TARGET ${link} AND NOT link IN_LIST found)
      get_target_property(type ${link} TYPE)
      if(type STREQUAL "STATIC_LIBRARY")
        ck_layers_below(${link} found)
      endif()
    endif()
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# 0.x promises nothing between minor versions, so each has a name of its own for the loader too.
set(CK_ABI ${PROJECT_VERSION_MAJOR})
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(CK_ABI 0.${PROJECT_VERSION_MINOR})
endif()

# ck_shared(TARGET OUTPUT_NAME LAYER SYMBOLS...): every object of the layer and of those below it in
# one shared library that exports the named symbols alone. Objects rather than archives: a public
# function that nothing inside refers to would be left out of an archive's link.
function(ck_shared target output layer)
  ck_layers_below(${layer} layers)
  list(TRANSFORM layers REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  add_library(${target} SHARED ${objects})
  target_link_libraries(${target} PRIVATE ck_flags ${layers})
  target_include_directories(${target} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME ${output}
    VERSION ${PROJECT_VERSION} SOVERSION ${CK_ABI})

  list(JOIN ARGN "; " patterns)
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${target}.map)
  file(CONFIGURE OUTPUT ${script} CONTENT "{ global: ${patterns}; local: *; };\n")
  target_link_options(${target} PRIVATE -Wl,--version-script,${script})
  if(NOT CHALKRAIL_SANITIZE) # the sanitizers' own symbols come from the program
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  set_target_properties(${target} PROPERTIES LINK_DEPENDS ${script})

  install(TARGETS ${target} EXPORT chalkrail-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

# ck_pkgconfig(NAME DESCRIPTION REQUIRES): the paths are relative to the file, so that an
# installation may be moved.
function(ck_pkgconfig name description requires)
  set(PC_NAME ${name})
  set(PC_DESCRIPTION ${description})
  set(PC_REQUIRES ${requires})
  file(RELATIVE_PATH PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  configure_file(${PROJECT_SOURCE_DIR}/sdk/cmake/chalkrail.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

if(TARGET ck_client AND TARGET ck_edge AND NOT CHALKRAIL_FUZZ)
  ck_shared(chalkrail_shared chalkrail ck_client "chalk_*")
  ck_shared(chalkrail_edge_shared chalkrail-edge ck_edge "chalk_edge_*" "chalk_token_*")
  set_target_properties(chalkrail_shared PROPERTIES EXPORT_NAME chalkrail)
  set_target_properties(chalkrail_edge_shared PROPERTIES EXPORT_NAME edge)
  # The edge's errors are named by chalk_error_text and its like, which are the client library's.
  target_link_libraries(chalkrail_edge_shared INTERFACE chalkrail_shared)

  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/chalkrail DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")
  install(EXPORT chalkrail-targets NAMESPACE chalkrail:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/chalkrail)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/sdk/cmake/chalkrail-config.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/chalkrail-config.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/chalkrail)
  write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/chalkrail-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/chalkrail-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/chalkrail-config-version.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/chalkrail)
  ck_pkgconfig(chalkrail "Embeddable live classes: publishing and playing" "")
  ck_pkgconfig(chalkrail-edge "Embeddable live classes: the edge" "chalkrail")
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
if(TARGET chalkrail)
  file(RELATIVE_PATH to_libraries ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(chalkrail PROPERTIES INSTALL_RPATH "$ORIGIN/${to_libraries}")
  install(TARGETS chalkrail RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
