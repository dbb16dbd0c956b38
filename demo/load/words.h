/* What is said in a class: whole texts, often of one word and in some languages, and the words that
 * sentences are made of. UTF-8. */
#ifndef DEMO_LOAD_WORDS_H
#define DEMO_LOAD_WORDS_H

#define LOAD_SHORT_TEXTS    29
#define LOAD_SENTENCE_WORDS 60

extern const char *const load_short_texts[LOAD_SHORT_TEXTS];
extern const char *const load_sentence_words[LOAD_SENTENCE_WORDS];

#endif
