# The checks of the tree (label "source": they need no build) and of what was built (label
# "check"). Each comes with a test that it can fail. They concern the plain build alone.
if(CHALKRAIL_TESTS AND NOT CHALKRAIL_SANITIZE)
  set(checks ${CMAKE_CURRENT_SOURCE_DIR}/checks)

  # ck_check(NAME LABEL SCRIPT [arguments...])
  function(ck_check name label script)
    add_test(NAME check_${name} COMMAND ${checks}/${script} ${ARGN})
    set_tests_properties(check_${name} PROPERTIES LABELS ${label} TIMEOUT 300)
  endfunction()

  ck_check(format source format.sh --check)
  ck_check(headers source headers.sh)
  ck_check(doc_comments source doc_comments.py)
  ck_check(abi source abi.py)
  ck_check(errors_doc source errors_doc.py)
  ck_check(metrics source metrics.py)
  ck_check(limits source limits.py)
  ck_check(house source house.py)
  ck_check(pictures source pictures.py)
  foreach(script format.sh headers.sh doc_comments.py abi.py errors_doc.py metrics.py limits.py house.py pictures.py purity.sh size.sh
                 symbols.py sanitized.sh race.sh fuzz.sh)
    get_filename_component(name ${script} NAME_WE)
    ck_check(${name}_can_fail source ${script} --self-test)
  endforeach()

  if(TARGET ck_core)
    ck_check(purity check purity.sh $<TARGET_FILE:ck_base> $<TARGET_FILE:ck_core>)
  endif()
  if(TARGET chalkrail_shared AND TARGET chalkrail_edge_shared)
    ck_check(symbols check symbols.py $<TARGET_FILE_DIR:chalkrail_shared>)
    ck_check(size check size.sh $<TARGET_FILE:chalkrail_shared>)
  endif()
endif()
