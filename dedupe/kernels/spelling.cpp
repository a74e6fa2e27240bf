// Words to the hashes of their spellings and stems: letter by letter, and by the rules of scripts.
#include "spelling.h"

namespace dedupe {
namespace {

constexpr i64 LATIN = 1, CYRILLIC = 2, GREEK = 3, ARMENIAN = 4, ARABIC = 5, ETHIOPIC = 6,
              GEORGIAN = 7;
// Sets of scripts, a bit each: those that have rules of their own, and those that have letters
// which look like Latin ones.
constexpr i64 RULED = 1 << ARABIC | 1 << ETHIOPIC | 1 << GEORGIAN;
constexpr i64 MIXED = 1 << CYRILLIC | 1 << GREEK | 1 << ARMENIAN;
// Code points below it may have a twin in another script.
constexpr u32 TWINS = 0x590;
// A spelling is of two letters: the second is from this bit on.
constexpr i64 SECOND_SHIFT = 21;
constexpr u32 FIRST_LETTER = (1u << SECOND_SHIFT) - 1;
constexpr i64 CYRILLIC_STEM = 5, GEORGIAN_STEM = 5, ETHIOPIC_STEM = 3, LEAST_STEM = 3;
// Letters beyond which a word is not read for its stem.
constexpr i64 STEMMED = 24;

constexpr u32 ALEF = 0x627, BEH = 0x628, TEH = 0x62A, FEH = 0x641, KAF = 0x643, LAM = 0x644,
              NOON = 0x646, HEH = 0x647, WAW = 0x648, YEH = 0x64A;
constexpr u32 AN = 0x10D0, BAN = 0x10D1, DON = 0x10D3, EN = 0x10D4, ZEN = 0x10D6, TAN = 0x10D7,
              IN = 0x10D8, MAN = 0x10DB, ON = 0x10DD, SAN = 0x10E1, UN = 0x10E3, SHIN = 0x10E8;
// The prepositions ye, be, le and ke, a letter each.
constexpr u32 PREPOSITIONS[] = {0x12E8, 0x1260, 0x1208, 0x12A8};

// Two letters, packed into one number.
constexpr u64 pair(u64 first, u32 second) { return first << 16 | second; }

// Endings of a script, of two letters and of one.
struct Endings {
    u64 pairs[7];
    u32 letters[7];
};

constexpr Endings ARABIC_ENDINGS = {
    {pair(HEH, ALEF), pair(ALEF, NOON), pair(ALEF, TEH), pair(WAW, NOON), pair(YEH, NOON),
     pair(YEH, HEH)},
    {HEH, YEH, ALEF},
};
constexpr Endings GEORGIAN_ENDINGS = {
    {pair(EN, BAN), pair(IN, SAN), pair(IN, TAN), pair(AN, DON), pair(MAN, AN), pair(ZEN, EN),
     pair(SHIN, IN)},
    {SAN, IN, AN, EN, ON, UN, MAN},
};

template <class T, std::size_t N> bool is_among(const T (&all)[N], T one) {
    return std::find(all, all + N, one) != all + N;
}

// The script of a code point.
i64 script_of(const Characters &table, u32 point) { return table.kinds[point] >> SCRIPT_SHIFT; }

// The code point at byte `i` of valid UTF-8.
Decoded any_at(View<const u8> data, i64 i) {
    return data[i] < 0x80 ? Decoded{data[i], 1} : decode(data, i);
}

// Whether a letter has no twin in a script that has twins.
bool lacks_twin(const Characters &table, u32 point, i64 script) {
    return point >= TWINS || table.twins(script - 1, point) == 0;
}

// The script in which a word that mixes Latin letters with look-alikes is read; 0: as it is.
// As dedupe.spelling.unmixed says. `start` and `end` are the word's bytes.
i64 target_script(View<const u8> data, i64 start, i64 end, const Characters &table) {
    i64 scripts = 0;
    for (i64 i = start; i < end;) {
        const Decoded next = any_at(data, i);
        scripts |= i64{1} << script_of(table, next.point);
        i += next.width;
    }
    i64 other = scripts & 1 << GREEK ? GREEK : ARMENIAN;
    if (scripts & 1 << CYRILLIC) other = CYRILLIC;
    if (!(scripts & 1 << LATIN) || !(scripts & i64{1} << other)) return 0;
    // No Armenian letter is the twin of a Latin one: each of these tells the script.
    bool own_latin = other == ARMENIAN, own_other = false;
    i64 balance = 0;
    for (i64 i = start; i < end;) {
        const Decoded next = any_at(data, i);
        const i64 script = script_of(table, next.point);
        if (script == LATIN) {
            own_latin = own_latin || lacks_twin(table, next.point, other);
            balance++;
        } else if (script == other) {
            own_other = own_other || lacks_twin(table, next.point, LATIN);
            balance--;
        }
        i += next.width;
    }
    if (own_latin) return LATIN;
    return own_other || balance < 0 ? other : LATIN;
}

// Where a word ends that begins at `first`, without endings of two letters or of one.
i64 without_endings(View<const u32> letters, i64 first, i64 end, const Endings &endings) {
    while (end - first > LEAST_STEM) {
        const u32 last = letters[end - 1];
        if (end - first > LEAST_STEM + 1 && is_among(endings.pairs, pair(letters[end - 2], last)))
            end -= 2;
        else if (is_among(endings.letters, last))
            end -= 1;
        else
            break;
    }
    return end;
}

// Where the stem of an Arabic word of `end` letters begins: behind its article, if it has one.
i64 behind_article(View<const u32> letters, i64 end) {
    const i64 first = end >= 5 && letters[0] == WAW ? 1 : 0;
    const i64 size = end - first;
    const u32 one = letters[first], two = size > 1 ? letters[first + 1] : 0;
    if (size >= 5 && (one == BEH || one == KAF || one == FEH) && two == ALEF &&
        letters[first + 2] == LAM)
        return first + 3;
    return size >= 4 && (one == ALEF || one == LAM) && two == LAM ? first + 2 : first;
}

// Hash of the stem of a word in Arabic, Georgian or Ethiopic script.
u64 stem_of(View<u32> letters, i64 size, i64 rule) {
    i64 first = 0;
    if (rule == ARABIC) {
        first = behind_article(letters, size);
        size = without_endings(letters, first, size, ARABIC_ENDINGS);
    } else if (rule == ETHIOPIC) {
        first = size >= 4 && is_among(PREPOSITIONS, letters[0]) ? 1 : 0;
        size = std::min(size, first + ETHIOPIC_STEM);
        // A letter is a consonant and a vowel, eight vowels to a consonant: the first stands for
        // all.
        for (i64 k = first; k < size; k++)
            if (0x1200 <= letters[k] && letters[k] < 0x1380) letters[k] &= ~u32{7};
    } else {
        size = std::min(without_endings(letters, 0, size, GEORGIAN_ENDINGS), GEORGIAN_STEM);
    }
    u64 value = FNV_OFFSET;
    for (i64 k = first; k < size; k++) value = fnv(value, letters[k]);
    return value;
}

// The letter that is not spelt after this one, 0 for none, as dedupe.spelling.DOUBLED says.
u32 after(u32 folded) {
    if (folded == 'a' || folded == 'o' || folded == 'u') return 'e';
    return folded == 's' ? 's' : 0;
}

// A word, as far as it is read.
struct Spelling {
    u64 value = FNV_OFFSET;  // hash of its spelling
    u64 stem = FNV_OFFSET;   // hash of its stem
    u64 whole = FNV_OFFSET;  // hash of all letters that the stem may have
    i64 size = 0;            // how many these are
    i64 length = 0;          // its letters
    i64 scripts = 0;         // a bit each
    u32 left_out = 0;        // the letter that is not spelt next

    // One more letter of the stem.
    void grow(u32 letter) {
        whole = fnv(whole, letter);
        size++;
    }
};

// One or two letters, 0 for none.
struct Letters {
    u32 first, second;
};

// Spells one more letter. Returns those of the stem.
Letters next_letter(Spelling &word, u32 folded, u32 packed, bool kept) {
    u32 first = packed & FIRST_LETTER;
    const u32 second = packed >> SECOND_SHIFT;
    if (first == 0 && word.size == 0) first = folded;  // a word has a letter at least
    if (folded == word.left_out) {
        word.left_out = 0;
    } else {
        if (first) word.value = fnv(word.value, first);
        if (second) word.value = fnv(word.value, second);
        word.left_out = after(folded);
    }
    return kept ? Letters{folded, 0} : Letters{first, second};
}

// A whole word by the rules of its script; `start` and `end` are its bytes.
Spelling by_rules(View<const u8> data, i64 start, i64 end, const Characters &table) {
    const i64 target = target_script(data, start, end, table);
    u32 held[STEMMED];
    const View<u32> letters(held, STEMMED);
    Spelling word;
    i64 rule = -1;
    for (i64 i = start; i < end;) {
        auto [point, width] = any_at(data, i);
        i += width;
        if ((table.kinds[point] & CLASS_MASK) == IGNORE) continue;
        if (target != 0 && point < TWINS && script_of(table, point) != target) {
            const u32 twin = table.twins(target - 1, point);
            if (twin != 0) point = twin;
        }
        const i64 script = script_of(table, point);
        if (rule < 0) rule = script;
        const bool kept = table.kinds[point] & KEPT;
        const Letters next = next_letter(word, table.folds[point], table.spellings[point], kept);
        for (const u32 letter : {next.first, next.second}) {
            if (letter == 0) continue;
            if (word.size < STEMMED) letters[word.size] = letter;
            word.grow(letter);
        }
        if (word.size <= CYRILLIC_STEM || script != CYRILLIC) word.stem = word.whole;
    }
    if (rule == ARABIC || rule == GEORGIAN || rule == ETHIOPIC)
        word.stem = stem_of(letters, std::min(word.size, STEMMED), rule);
    return word;
}

// Reads ASCII letters, at least one: where they end. Most words are ASCII to their end, so that
// there is no need to ask for each letter again.
i64 read_ascii(View<const u8> data, i64 i, i64 end, const Ascii &ascii, Spelling &word) {
    const i64 first = i;
    u64 value = word.value, whole = word.whole;
    u32 left_out = word.left_out;
    for (; i < end; i++) {
        const u8 byte = data[i];
        const u32 letter = ascii.plain[byte];
        if (letter == 0) break;
        whole = fnv(whole, letter);
        const bool spelt = letter != left_out;
        value = spelt ? fnv(value, letter) : value;
        left_out = spelt ? ascii.doubled[byte] : 0;
    }
    word.value = value;
    word.stem = word.whole = whole;
    word.size += i - first;
    word.length += i - first;
    word.scripts |= 1 << LATIN;
    word.left_out = left_out;
    return i;
}

// Reads letters that are not ASCII: where they end.
i64 read_others(View<const u8> data, i64 i, i64 end, const Characters &table, Spelling &found) {
    Spelling word = found;
    while (i < end && data[i] >= 0x80) {
        const Decoded next = decode(data, i);
        const i64 entry = table.kinds[next.point], script = entry >> SCRIPT_SHIFT;
        if ((entry & CLASS_MASK) != WORD) break;
        const u32 folded = table.folds[next.point], packed = table.spellings[next.point];
        if (packed - 1 < FIRST_LETTER && folded != word.left_out) {
            // Most letters are spelt as one: the short of next_letter.
            word.value = fnv(word.value, packed);
            word.left_out = after(folded);
            word.grow(entry & KEPT ? folded : packed);
        } else {
            const Letters letters = next_letter(word, folded, packed, entry & KEPT);
            if (letters.first) word.grow(letters.first);
            if (letters.second) word.grow(letters.second);
        }
        if (word.size <= CYRILLIC_STEM || script != CYRILLIC) word.stem = word.whole;
        word.length++;
        word.scripts |= i64{1} << script;
        i += next.width;
    }
    found = word;
    return i;
}

}  // namespace

Ascii::Ascii(const Characters &table) {
    for (u32 k = 0; k < 128; k++) {
        const i64 entry = table.kinds[k], kind = entry & CLASS_MASK;
        if (kind == WORD) {
            plain[k] = table.folds[k];
            doubled[k] = after(table.folds[k]);
        }
        parting[k] = kind == BREAK;
        space[k] = kind == BREAK && !(entry & SENTENCE_END) && k != '\n';
        const u32 lower = k | 0x20;
        const bool letter = 'a' <= lower && lower <= 'z', digit = '0' <= k && k <= '9';
        if (letter || digit) usual &= plain[k] == lower;
    }
}

Word read_word(View<const u8> data, i64 start, i64 i, i64 end, const Characters &table,
               const Ascii &ascii, u64 hash) {
    Spelling word;
    if (i > start) {
        word.value = word.stem = word.whole = hash;
        word.size = word.length = i - start;
        word.scripts = 1 << LATIN;
        word.left_out = ascii.doubled[data[i - 1]];
    }
    i64 stop = i;  // where its last letter ends
    while (i < end) {
        const i64 before = i;
        if (ascii.plain[data[i]])
            i = read_ascii(data, i, end, ascii, word);
        else if (data[i] >= 0x80)
            i = read_others(data, i, end, table, word);
        if (i > before) {
            stop = i;
            continue;
        }
        const Decoded next = any_at(data, i);
        if ((table.kinds[next.point] & CLASS_MASK) != IGNORE) break;
        i += next.width;
    }
    if (word.scripts & RULED || (word.scripts & MIXED && word.scripts & 1 << LATIN)) {
        const Spelling ruled = by_rules(data, start, stop, table);
        return {ruled.value, ruled.stem, word.length, i};
    }
    return {word.value, word.stem, word.length, i};
}

}  // namespace dedupe
