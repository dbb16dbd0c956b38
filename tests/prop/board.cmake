ck_test(prop_board SOURCES prop/prop_board.c LINKS ck_test_board LABELS prop)
