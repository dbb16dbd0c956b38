ck_test(prop_journal SOURCES prop/prop_journal.c LINKS ck_core LABELS prop)
