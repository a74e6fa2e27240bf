// Words to the hashes of their spellings and stems: what dedupe.spelling says, compiled.
#pragma once

#include "array.h"

namespace dedupe {

// Low bits of a character's entry: its class. Then flags, and from SCRIPT_SHIFT on its script.
inline constexpr i64 BREAK = 0, WORD = 1, IDEOGRAM = 2, IGNORE = 4, CLASS_MASK = 7;
inline constexpr i64 KEPT = 8, UPPER = 16, SENTENCE_END = 32, RECOMPOSE = 64;
inline constexpr i64 SCRIPT_SHIFT = 7;

// The table of characters, by code point: their entries, what each reads and what it is compared
// as; and (3, TWINS) the letters of other scripts that look like it.
struct Characters {
    View<const u16> kinds;
    View<const u32> folds, spellings;
    View2<const u16> twins;
};

// The hash of Fowler, Noll and Vo, variant 1a, with letters for bytes.
inline constexpr u64 FNV_OFFSET = 0xCBF29CE484222325, FNV_PRIME = 0x100000001B3;

inline u64 fnv(u64 value, u32 letter) { return (value ^ letter) * FNV_PRIME; }

// A code point, and how many bytes its form has.
struct Decoded {
    u32 point;
    i64 width;
};

// The code point at byte `i` of valid UTF-8 that is not ASCII.
inline Decoded decode(View<const u8> data, i64 i) {
    const u32 first = data[i], second = data[i + 1] & 0x3F;
    if (first < 0xE0) return {(first & 0x1F) << 6 | second, 2};
    const u32 third = data[i + 2] & 0x3F;
    if (first < 0xF0) return {(first & 0x0F) << 12 | second << 6 | third, 3};
    return {(first & 0x07) << 18 | second << 12 | third << 6 | (data[i + 3] & 0x3Fu), 4};
}

// The ASCII of a table of characters, by byte.
struct Ascii {
    u32 plain[256] = {};     // what a letter, digit or underscore folds to, 0 for all else
    u32 doubled[256] = {};   // the letter that is not spelt after it, 0 for none
    bool parting[256] = {};  // parts words
    bool space[256] = {};    // parts words, and neither lines nor sentences
    bool usual = true;       // letters and digits are such, and fold to small letters

    explicit Ascii(const Characters &table);
};

// A word: hashes of its spelling and of its stem, its letters, and the byte behind it.
struct Word {
    u64 value, stem;
    i64 length, end;
};

// The word that begins at byte `start` of a text that ends at `end`, as dedupe.spelling.spelling_of
// and dedupe.spelling.stem say. It is read from byte `i` on: what is before are ASCII letters,
// all of them spelt, and `hash` is theirs.
Word read_word(View<const u8> data, i64 start, i64 i, i64 end, const Characters &table,
               const Ascii &ascii, u64 hash);

}  // namespace dedupe
