if(TARGET chalkrail_class)
  ck_test(test_demo_marks SOURCES unit/test_demo_marks.c LINKS chalkrail_class)
  ck_test(test_demo_class SOURCES unit/test_demo_class.c LINKS chalkrail_class)
  ck_test(test_demo_board SOURCES unit/test_demo_board.c LINKS chalkrail_class)
  # Paints, so it is not run again and again without memory (render.cmake).
  ck_test(test_demo_deck SOURCES unit/test_demo_deck.c unit/api_support.c LINKS chalkrail_class LABELS picture)
endif()
