ck_fuzz(fuzz_journal SOURCES fuzz/fuzz_journal.c LINKS ck_core)
