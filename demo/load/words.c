/* What is said in a class. */
#include "load/words.h"

#include "load/profile.h"

#include <string.h>

#define SHORT_SHARE 0.6
#define LEAST_WORDS 3
#define MOST_WORDS  12

const char *const load_short_texts[LOAD_SHORT_TEXTS] = {
    "1",
    "yes",
    "no",
    "ok",
    "got it",
    "thank you teacher",
    "hello",
    "why?",
    "can you repeat please",
    "no sound",
    "666",
    "haha",
    "I see",
    "x = 10 m/s",
    "9.9",
    "which page?",
    "understood",
    "me too",
    "good evening",
    "老师好",
    "听不清",
    "明白了",
    "第几页？",
    "谢谢老师",
    "👍",
    "👏👏👏",
    "选B",
    "懂了",
    "再讲一遍",
};

const char *const load_sentence_words[LOAD_SENTENCE_WORDS] = {
    "the",     "force",  "angle",    "of",        "triangle", "equals",   "sum",      "because",
    "energy",  "speed",  "page",     "question",  "answer",   "please",   "explain",  "again",
    "teacher", "why",    "when",     "then",      "minus",    "plus",     "square",   "root",
    "water",   "light",  "cell",     "plant",     "river",    "sentence", "verb",     "noun",
    "past",    "tense",  "reading",  "listening", "homework", "chapter",  "number",   "seven",
    "example", "figure", "board",    "left",      "right",    "side",     "graph",    "slope",
    "point",   "zero",   "negative", "positive",  "multiply", "divide",   "fraction", "history",
    "king",    "ocean",  "planet",   "music",
};

uint64_t load_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double load_random_unit(uint64_t *state)
{
    return (double)(load_random(state) >> 11) * 0x1p-53;
}

void load_words(uint64_t *random, char out[LOAD_TEXT_MAX])
{
    size_t size = 0;
    uint64_t count = 1;
    bool is_short = load_random_unit(random) < SHORT_SHARE;
    if (!is_short) {
        count = LEAST_WORDS + load_random(random) % (MOST_WORDS - LEAST_WORDS + 1);
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = load_random(random);
        const char *word = is_short ? load_short_texts[at % LOAD_SHORT_TEXTS]
                                    : load_sentence_words[at % LOAD_SENTENCE_WORDS];
        size_t length = strlen(word);
        if (size + length + 2 > LOAD_TEXT_MAX) {
            break;
        }
        if (i > 0) {
            out[size++] = ' ';
        }
        memcpy(out + size, word, length);
        size += length;
    }
    out[size] = '\0';
}
