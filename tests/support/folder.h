#ifndef CK_TESTS_FOLDER_H
#define CK_TESTS_FOLDER_H

#define CK_TEST_FOLDER_MAX 48

/* Makes a fresh folder and writes its path. Out-of-memory runs, whose bodies often end before they
 * have tidied up, have it below one that is removed at their end. */
void ck_test_folder(char out[CK_TEST_FOLDER_MAX]);

/* All folders made from now on, also by children, are below a fresh one. */
void ck_test_folders_begin(void);
/* Removes it with all that is in it. */
void ck_test_folders_end(void);

#endif
