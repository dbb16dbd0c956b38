# Pango aborts where memory is refused, so what paints is not run again and again without it.
if(CHALKRAIL_TESTS)
  add_library(ck_test_golden STATIC support/golden.c unit/render_support.c unit/render_tools.c)
  target_compile_definitions(ck_test_golden PRIVATE CK_GOLDEN_FOLDER="${CMAKE_CURRENT_SOURCE_DIR}/golden")
  target_compile_options(ck_test_golden PRIVATE -Wno-conversion)
  target_link_libraries(ck_test_golden PUBLIC ck_render ck_test_board PRIVATE ck_flags)
endif()
ck_test(test_render SOURCES unit/test_render.c LABELS picture LINKS ck_test_golden)
ck_test(test_render_outline SOURCES unit/test_render_outline.c LABELS picture LINKS ck_test_golden)
ck_test(test_render_handwriting SOURCES unit/test_render_handwriting.c support/data.c LABELS picture LINKS ck_test_golden)
ck_test(test_render_export SOURCES unit/test_render_export.c LABELS picture LINKS ck_test_golden)
ck_test(test_render_programs
  SOURCES unit/test_render_programs.c support/child.c support/folder.c support/ssim.c LABELS picture
  LINKS ck_test_golden)
ck_test(test_render_canvas SOURCES unit/test_render_canvas.c LABELS picture LINKS ck_test_golden)
